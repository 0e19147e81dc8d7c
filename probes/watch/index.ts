import type { Environment } from '../../environment/types.ts';
import { healthUrl, under } from '../../platform/health.ts';
import { openHttp } from '../http.ts';
import { alertsWatcher } from './alerts.ts';
import { cgroupWatcher } from './cgroup.ts';
import { harnessWatcher } from './harness.ts';
import { healthWatcher } from './health.ts';
import { livekitWatcher } from './livekit.ts';
import { logWatcher } from './logs.ts';
import { postgresSizesWatcher, postgresWatcher, Reopened } from './postgres.ts';
import { processWatcher } from './process.ts';
import { prometheusWatcher } from './prometheus.ts';
import { redisStreamsWatcher, redisWatcher } from './redis.ts';
import type { Watcher, WatchersFor, Watching } from './types.ts';

/** Everything the environment file grants to be watched. What exists and is not granted is said to be not verified, by its name. */
export const watchersFor: WatchersFor = (watching) => {
  for (const refused of notGranted(watching.environment)) watching.emit({ kind: 'unmet', ...refused });
  return [
    harnessWatcher(),
    ...ofProcesses(watching),
    ...ofAddresses(watching),
    ...ofDatabase(watching),
    ...ofRedis(watching),
    ...watching.environment.logs.map(({ service, file }) => logWatcher(service, file, watching)),
    ...(watching.environment.watch.alerts === null ? [] : [alertsWatcher(watching.environment.watch.alerts, watching)]),
    ...ofCloud(watching),
  ];
};

function ofProcesses(watching: Watching): Watcher[] {
  return watching.environment.watch.processes.map((process) =>
    process.cgroup === null
      ? processWatcher(process, watching)
      : cgroupWatcher(process.service, process.cgroup, watching),
  );
}

function ofAddresses(watching: Watching): Watcher[] {
  const { api, realtime, meetings, watch, parts } = watching.environment;
  const http = openHttp(watching);
  const watchers = [
    ...watch.metrics.map(({ service, url }) => prometheusWatcher(service, url, http, watching)),
    ...(api && parts.api ? [healthWatcher('api', healthUrl(watching.environment), http, watching)] : []),
    ...(realtime && parts.realtime
      ? realtime.urls.map((url, i) => healthWatcher(nameOf(realtime.urls, i), healthOf(url), http, watching))
      : []),
    ...(meetings && parts.meeting ? [livekitWatcher(meetings.url, http)] : []),
  ];
  // The connections belong to all of them: the last to be closed closes them.
  let open = watchers.length;
  const close = async () => {
    open -= 1;
    if (open === 0) await http.close();
  };
  return watchers.map((watcher) => ({ ...watcher, close }));
}

const nameOf = (urls: readonly string[], index: number): string =>
  urls.length === 1 ? 'realtime' : `realtime-${index + 1}`;

const healthOf = (url: string): string => under(new URL(url.replace(/^ws/, 'http')).origin, '/health');

function ofDatabase(watching: Watching): Watcher[] {
  const { database, parts } = watching.environment;
  // The role that sees every tenant sees more of the server as well.
  const url = database.serviceUrl ?? database.appUrl;
  if (url === null || !parts.database) return [];
  return [
    postgresWatcher(new Reopened(url, watching), watching),
    postgresSizesWatcher(new Reopened(url, watching), watching),
  ];
}

function ofRedis(watching: Watching): Watcher[] {
  const { redis, parts } = watching.environment;
  return redis === null || !parts.redis
    ? []
    : [redisWatcher(redis.url, watching), redisStreamsWatcher(redis.url, watching)];
}

/** Loaded only where it is asked for: its library is large. */
function ofCloud(watching: Watching): Watcher[] {
  const { cloud } = watching.environment;
  if (cloud === null || (cloud.run.length === 0 && cloud.sql === null && cloud.redis === null)) return [];
  let made: Promise<Watcher> | null = null;
  const open = async () => {
    const { cloudClient, cloudWatcher } = await import('./cloud.ts');
    return cloudWatcher(cloud, await cloudClient(cloud), watching);
  };
  return [
    {
      name: 'cloud',
      everyMs: 60_000,
      sample: async (signal) => {
        made ??= open();
        return (await made).sample(signal);
      },
      close: async () => (await made)?.close?.(),
    },
  ];
}

interface Refused {
  readonly check: string;
  readonly assertion: string;
  readonly needs: string;
}

/** Parts of the deployment whose processes are known to exist, and the names under which they are usually watched. */
const partServices: readonly (readonly [part: keyof Environment['parts'], name: string, known: RegExp])[] = [
  ['api', 'api', /^api/],
  ['realtime', 'realtime', /^(realtime|websocket|ws)/],
  ['meeting', 'livekit', /^(livekit|media|meet)/],
];

function notGranted({ parts, watch, logs, database }: Environment): Refused[] {
  const watched = [...watch.processes, ...watch.metrics].map(({ service }) => service);
  const logged = logs.map(({ service }) => service);
  const existing = partServices.filter(([part]) => parts[part]);
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
    ...(parts.database && watch.diskBytes === null && database.appUrl !== null
      ? [refused('soak.db.disk', 'disk', 'watch.diskBytes or cloud.sql')]
      : []),
  ];
}

const refused = (check: string, assertion: string, needs: string): Refused => ({ check, assertion, needs });
