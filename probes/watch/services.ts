import type { Environment } from '../../environment/types.ts';

/** Parts of the deployment whose processes are known to exist, and the names under which they are usually watched. */
export const partServices: readonly (readonly [part: keyof Environment['parts'], name: string, known: RegExp])[] = [
  ['api', 'api', /^api/],
  ['realtime', 'realtime', /^(realtime|websocket|ws)/],
  ['meeting', 'livekit', /^(livekit|media|meet)/],
  ['agent', 'agent', /^(agent|voice)/],
];

export const realtimeName = (urls: readonly string[], index: number): string =>
  urls.length === 1 ? 'realtime' : `realtime-${index + 1}`;

export interface AskedService {
  readonly service: string;
  /** The name of the watcher that is to tell since when it runs. */
  readonly source: string;
}

/**
 * Every service that is to tell which process it is: each that is watched, and each that answers about its health and has
 * no watched one in its place.
 */
export function livesToTell(environment: Environment): readonly AskedService[] {
  const { watch } = environment;
  const watched = [
    ...watch.processes.map(({ service, cgroup }) => told(service, cgroup === null ? 'process' : 'container')),
    ...watch.metrics.map(({ service }) => told(service, 'metrics')),
  ];
  const asked = partServices.flatMap(([part, , known]) => {
    const names = namesOf(environment, part);
    const others = new Set(watched.map(({ service }) => service).filter((service) => known.test(service)));
    return others.size >= names.length ? [] : names.map((name) => told(name, 'health'));
  });
  return [...watched, ...asked];
}

/** Services of parts that exist, of which nothing that is granted can tell since when they run. */
export function untold(environment: Environment): readonly string[] {
  const services = livesToTell(environment).map(({ service }) => service);
  return partServices
    .filter(([part]) => environment.parts[part] && (part !== 'agent' || environment.parts.meeting))
    .filter(([, , known]) => !services.some((service) => known.test(service)))
    .map(([, name]) => name);
}

/** Whom to ask about PostgreSQL, null when nobody may be; the role that sees every tenant sees more of the server as well. */
export const askedDatabase = ({ database, parts }: Environment): string | null =>
  parts.database ? (database.serviceUrl ?? database.appUrl) : null;

export const askedRedis = ({ redis, parts }: Environment): string | null => (parts.redis ? (redis?.url ?? null) : null);

function namesOf({ api, realtime, parts }: Environment, part: keyof Environment['parts']): readonly string[] {
  if (part === 'api' && api && parts.api) return ['api'];
  if (part !== 'realtime' || !realtime || !parts.realtime) return [];
  return realtime.urls.map((_, index) => realtimeName(realtime.urls, index));
}

const told = (service: string, from: string): AskedService => ({ service, source: `${from} ${service}` });
