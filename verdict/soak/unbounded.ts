import type { AssertionVerdict } from '../types.ts';
import type { Watched } from './watched.ts';

interface Bounded {
  readonly name: string;
  readonly expected: string;
  readonly needs: string;
}

/** What is promised to stay within a limit, by the series that is held against it. */
const bounded: Readonly<Record<string, (service: string) => Bounded>> = {
  'redis.memory': () => ({
    name: 'below 75 %',
    expected: 'at most 75 % of its limit',
    needs: 'a maxmemory of Redis, or cloud.redis',
  }),
  'process.cpu': (service) => ({
    name: `${service} within its limit`,
    expected: 'at most 90 % of its limit',
    needs: `cpuCores in watch.processes or watch.metrics of ${service}`,
  }),
  'postgres.connections': () => ({
    name: 'never exhausted',
    expected: 'below its limit',
    needs: 'database.appUrl, which tells max_connections',
  }),
  'redis.clients': () => ({
    name: 'never exhausted',
    expected: 'at most 90 % of its limit',
    needs: 'redis.url, which tells maxclients',
  }),
};

/** Without a limit nobody knows how much of it is used: of each service one source that tells it is enough. */
export function unbounded(mine: readonly Watched[]): AssertionVerdict[] {
  const open = new Map<string, Bounded>();
  const known = new Set(mine.filter(({ limit }) => limit !== null).map(keyOf));
  for (const one of mine) {
    const of = bounded[one.series];
    if (of && !known.has(keyOf(one))) open.set(keyOf(one), of(one.service || 'the service'));
  }
  return [...open.values()].map(({ name, expected, needs }) => ({
    name,
    statistic: 'functional',
    status: 'not-verified',
    expected,
    observed: 'no limit',
    samples: 0,
    interval: null,
    why: `not verified, needs ${needs}`,
    needs,
  }));
}

const keyOf = ({ series, service }: Watched): string => `${series} ${service}`;
