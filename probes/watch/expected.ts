import type { Environment } from '../../environment/types.ts';
import { askedDatabase, askedRedis, livesToTell } from './services.ts';
import type { Watching } from './types.ts';

/** A row that a granted source is to fill. */
export interface Expected {
  readonly row: string;
  /** The name of its watcher. */
  readonly source: string;
}

/** What must have told of itself in the end: a source that is granted and never delivers is no pass. */
export function expectedOf(check: string, { environment }: Watching): readonly Expected[] {
  switch (check) {
    case 'soak.memory.SERVICE':
    case 'soak.cpu.SERVICE':
      return ofServices(environment);
    case 'soak.critical':
      return [
        ...environment.logs.map(({ service }) => ({ row: `logs ${service}`, source: `log ${service}` })),
        ...(environment.meetings && environment.parts.meeting ? [{ row: 'media server', source: 'livekit' }] : []),
      ];
    case 'soak.restarts':
      return [
        ...storesOf(environment),
        ...livesToTell(environment).map(({ service, source }) => ({ row: service, source })),
      ];
    default:
      return [];
  }
}

/** Stores that may be asked since when they run; one that is watched as a process tells beside them. */
const storesOf = (environment: Environment): Expected[] => [
  ...(askedDatabase(environment) === null ? [] : [{ row: 'postgres', source: 'postgres activity' }]),
  ...(askedRedis(environment) === null ? [] : [{ row: 'redis', source: 'redis' }]),
];

const ofServices = ({ watch }: Environment): Expected[] => [
  ...watch.processes.map(({ service, cgroup }) => named(service, cgroup === null ? 'process' : 'container')),
  ...watch.metrics.map(({ service }) => named(service, 'metrics')),
];

const named = (service: string, from: string): Expected => ({
  row: `${service} ${from}`,
  source: `${from} ${service}`,
});
