import type { ReferenceHandle } from '../handle.ts';
import type { Fault } from './fault.ts';

interface SettingFault extends Pick<Fault, 'name' | 'plants' | 'catches'> {
  readonly mayAlso?: readonly string[];
  readonly setting: string;
  readonly value: string;
}

/** A fault that is one wrong setting of the running Redis. */
export function redisSettingFault({ setting, value, mayAlso = [], ...fault }: SettingFault): Fault {
  let before: string | null = null;
  return {
    ...fault,
    mayAlso,
    async plant(deployment) {
      const answer = await deployment.redisCommand('CONFIG', 'GET', setting);
      before = Array.isArray(answer) ? String(answer[1]) : null;
      await deployment.redisCommand('CONFIG', 'SET', setting, value);
    },
    async lift(deployment) {
      if (before === null) throw new Error(`${fault.name} was not planted by this process`);
      await deployment.redisCommand('CONFIG', 'SET', setting, before);
    },
  };
}

export async function usedMemory(deployment: ReferenceHandle): Promise<number> {
  const info = String(await deployment.redisCommand('INFO', 'memory'));
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

/** Gives Redis so little memory that it uses all but the rest; returns how to bring back what it had. */
export async function fillRedis(deployment: ReferenceHandle, times: number): Promise<() => Promise<void>> {
  const set = async (value: string | number) =>
    void (await deployment.redisCommand('CONFIG', 'SET', 'maxmemory', value));
  const before = await deployment.redisCommand('CONFIG', 'GET', 'maxmemory');
  await set(Math.round((await usedMemory(deployment)) * times));
  return () => set(Array.isArray(before) ? String(before[1]) : 0);
}
