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

const filler = 'fault:filler';
const twentyMegabytes = `for i = 1, 20 do redis.call('RPUSH', KEYS[1], string.rep('x', 1048576)) end`;

/**
 * Fills Redis to this share of the memory it may have; returns how to bring back what was. What is free is megabytes, so
 * that a threshold is crossed and nothing is refused.
 */
export async function fillRedis(deployment: ReferenceHandle, share: number): Promise<() => Promise<void>> {
  const set = async (value: string | number) =>
    void (await deployment.redisCommand('CONFIG', 'SET', 'maxmemory', value));
  const before = await deployment.redisCommand('CONFIG', 'GET', 'maxmemory');
  await deployment.redisCommand('EVAL', twentyMegabytes, 1, filler);
  await set(Math.round((await usedMemory(deployment)) / share));
  return async () => {
    await set(Array.isArray(before) ? String(before[1]) : 0);
    await deployment.redisCommand('DEL', filler);
  };
}
