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
