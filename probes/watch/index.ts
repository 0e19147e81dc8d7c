import type { Environment } from '../../environment/types.ts';
import { healthUrl, under } from '../../platform/health.ts';
import { type Http, openHttp } from '../http.ts';
import { alertsWatcher } from './alerts.ts';
import { cgroupWatcher } from './cgroup.ts';
import { harnessWatcher } from './harness.ts';
import { checkedUptime, healthWatcher } from './health.ts';
import { livekitWatcher } from './livekit.ts';
import { logWatcher } from './logs.ts';
import { postgresSizesWatcher, postgresWatcher, Reopened } from './postgres.ts';
import { processWatcher } from './process.ts';
import { prometheusWatcher } from './prometheus.ts';
import { redisStreamsWatcher, redisWatcher } from './redis.ts';
import { askedDatabase, askedRedis, partServices, realtimeName, untold } from './services.ts';
import type { Watcher, Watching } from './types.ts';

/** What tells of what; a check of a soak is given those that tell of it. */
type Source =
  | 'harness'
  | 'processes'
  | 'metrics'
  | 'health'
  | 'livekit'
  | 'postgres'
  | 'sizes'
  | 'redis'
  | 'streams'
  | 'logs'
  | 'alerts'
  | 'cloud';

const processes: readonly Source[] = ['processes', 'metrics', 'health', 'cloud'];

const sourcesOf: Readonly<Record<string, readonly Source[]>> = {
  'soak.memory.SERVICE': ['harness', ...processes, 'redis'],
  'soak.cpu.SERVICE': ['processes', 'metrics', 'cloud'],
  'soak.restarts': [...processes, 'postgres', 'redis'],
  'soak.critical': ['logs', 'livekit', 'cloud'],
  'soak.db.connections': ['postgres', 'cloud'],
  'soak.db.deadlocks': ['postgres', 'cloud'],
  'soak.db.disk': ['sizes', 'cloud'],
  'soak.db.bloat': ['sizes'],
  'soak.redis.memory': ['redis', 'cloud'],
  'soak.redis.evictions': ['redis', 'cloud'],
  'soak.redis.clients': ['redis', 'cloud'],
  'soak.redis.streams': ['streams'],
  'soak.alerts': ['alerts', 'health', 'metrics', 'livekit', 'postgres', 'sizes', 'redis', 'cloud'],
};

/** The watchers of one check, as far as the environment file grants them; several checks may ask for the same, by its name. */
export function watchersOf(check: string, watching: Watching): readonly Watcher[] {
  return (sourcesOf[check] ?? []).flatMap((source) => made[source](watching));
}

/** What exists and may not be watched is not verified, by its name. */
export function refusedOf(check: string, { environment }: Watching): readonly Refused[] {
  return notGranted(environment).filter((refused) => refused.check === check);
}

const made: Readonly<Record<Source, (watching: Watching) => readonly Watcher[]>> = {
  harness: () => [harnessWatcher()],
  processes: ofProcesses,
  metrics: ofMetrics,
  health: ofHealth,
  livekit: (watching) => {
    const { meetings, parts } = watching.environment;
    if (!meetings || !parts.meeting) return [];
    const urls = [...new Set([meetings.url, ...meetings.urls])];
    return [withHttp(watching, (http) => livekitWatcher(urls, http))];
  },
  postgres: (watching) => ofDatabase(watching).map((database) => postgresWatcher(database, watching)),
  sizes: (watching) => ofDatabase(watching).map((database) => postgresSizesWatcher(database, watching)),
  redis: (watching) => ofRedis(watching).map((url) => redisWatcher(url, watching)),
  streams: (watching) => ofRedis(watching).map((url) => redisStreamsWatcher(url, watching)),
  logs: (watching) => watching.environment.logs.map(({ service, file }) => logWatcher(service, file, watching)),
  alerts: (watching) => {
    const { alerts } = watching.environment.watch;
    return alerts === null ? [] : [alertsWatcher(alerts, watching)];
  },
  cloud: ofCloud,
};

function ofProcesses(watching: Watching): Watcher[] {
  return watching.environment.watch.processes.map((process) =>
    process.cgroup === null
      ? processWatcher(process, watching)
      : cgroupWatcher(process.service, process.cgroup, watching, process.cpuCores),
  );
}

function ofMetrics(watching: Watching): Watcher[] {
  const { metrics } = watching.environment.watch;
  return metrics.map((page) => withHttp(watching, (http) => prometheusWatcher(page, http, watching)));
}

function ofHealth(watching: Watching): Watcher[] {
  const { api, realtime, parts } = watching.environment;
  const at = (service: string, url: string) =>
    withHttp(watching, (http) =>
      healthWatcher(service, url, http, watching, service === 'api' && api ? checkedUptime(http, api) : null),
    );
  const urls = realtime && parts.realtime ? realtime.urls : [];
  return [
    ...(api && parts.api ? [at('api', healthUrl(watching.environment))] : []),
    ...urls.map((url, index) => at(realtimeName(urls, index), healthOf(url))),
  ];
}

/** A watcher with connections of its own, which end with it. */
function withHttp(watching: Watching, make: (http: Http) => Watcher): Watcher {
  const http = openHttp(watching);
  return { ...make(http), close: () => http.close() };
}

const healthOf = (url: string): string => under(new URL(url.replace(/^ws/, 'http')).origin, '/health');

function ofDatabase(watching: Watching): Reopened[] {
  const url = askedDatabase(watching.environment);
  return url === null ? [] : [new Reopened(url, watching)];
}

function ofRedis({ environment }: Watching): string[] {
  const url = askedRedis(environment);
  return url === null ? [] : [url];
}

/** Loaded only where it is asked for: its library is large. */
function ofCloud(watching: Watching): Watcher[] {
  const { cloud } = watching.environment;
  if (cloud === null || (cloud.run.length === 0 && cloud.sql === null && cloud.redis === null)) return [];
  let opened: Promise<Watcher> | null = null;
  const open = async () => {
    const { cloudClient, cloudWatcher } = await import('./cloud.ts');
    return cloudWatcher(cloud, await cloudClient(cloud), watching);
  };
  return [
    {
      name: 'cloud',
      everyMs: 60_000,
      sample: async (signal) => {
        opened ??= open();
        return (await opened).sample(signal);
      },
      close: async () => (await opened)?.close?.(),
    },
  ];
}

export interface Refused {
  readonly check: string;
  readonly assertion: string;
  readonly needs: string;
}

function notGranted(environment: Environment): Refused[] {
  const { parts, watch, logs, database } = environment;
  const watched = [...watch.processes, ...watch.metrics].map(({ service }) => service);
  const logged = logs.map(({ service }) => service);
  const existing = loaded.filter(([part]) => parts[part]);
  const of = (list: readonly string[], known: RegExp) => list.some((service) => known.test(service));
  return [
    ...existing
      .filter(([, , known]) => !of(watched, known))
      .flatMap(([, name]) =>
        ['memory', 'cpu'].map((what) =>
          refused(`soak.${what}.SERVICE`, name, `watch.processes or watch.metrics of ${name}`),
        ),
      ),
    ...existing
      .filter(([, , known]) => !of(logged, known))
      .map(([, name]) => refused('soak.critical', `logs ${name}`, `logs of ${name}`)),
    ...untold(environment).map((name) => refused('soak.restarts', name, `watch.processes or watch.metrics of ${name}`)),
    ...(parts.database && watch.diskBytes === null && database.appUrl !== null
      ? [refused('soak.db.disk', 'disk', 'watch.diskBytes or cloud.sql')]
      : []),
  ];
}

/** Parts whose load, and whose log, are looked for by name. */
const loaded = partServices.filter(([part]) => part !== 'agent');

const refused = (check: string, assertion: string, needs: string): Refused => ({ check, assertion, needs });
