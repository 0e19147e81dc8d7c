import type { Fault } from './fault.ts';

interface SwitchFault extends Pick<Fault, 'name' | 'plants' | 'catches' | 'profile' | 'loadSeconds'> {
  readonly mayAlso?: readonly string[];
  /** The processes that get it, and each switch with its value. */
  readonly on: readonly string[];
  readonly set: Readonly<Record<string, unknown>>;
}

/** A fault that is a switch, or several, in running processes. */
export function switchFault({ on, set, mayAlso = [], ...fault }: SwitchFault): Fault {
  const each = on.flatMap((service) => Object.entries(set).map(([name, value]) => ({ service, name, value })));
  return {
    ...fault,
    mayAlso,
    async plant(deployment) {
      for (const { service, name, value } of each) await deployment.switch(service, name, value);
    },
    async lift(deployment) {
      for (const { service, name } of each) await deployment.switch(service, name, null);
    },
  };
}

export const bothRealtime = ['realtime-1', 'realtime-2'];

/** What looks at every site sees one broken site, too. */
export const everySite = ['tls', 'cache', 'headers', 'gzip', 'bundle'].map((name) => `smoke.web.${name}`);
