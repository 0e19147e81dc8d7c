import type { Fault } from './fault.ts';

interface RestartFault extends Pick<Fault, 'name' | 'plants' | 'catches' | 'mayAlso'> {
  readonly service: string;
  /** What it is started with instead of what `up` gave it. */
  readonly options: Readonly<Record<string, string>>;
}

/** A fault that is a wrong setting a server reads when it starts. */
export function restartFault({ service, options, ...fault }: RestartFault): Fault {
  return {
    ...fault,
    async plant(deployment) {
      await deployment.stop(service);
      await deployment.start(service, options);
    },
    async lift(deployment) {
      await deployment.stop(service);
      await deployment.start(service);
    },
  };
}
