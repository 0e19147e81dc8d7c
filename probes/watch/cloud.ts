import { type MetricServiceClient, v3 } from '@google-cloud/monitoring';
import type { Environment } from '../../environment/types.ts';
import type { Sample, Watcher, Watching } from './types.ts';

type Cloud = NonNullable<Environment['cloud']>;

interface CloudMetric {
  readonly type: string;
  /** The label of the monitored resource that names what is watched. */
  readonly resource: string;
  readonly of: (cloud: Cloud) => readonly string[];
  readonly series: string;
  readonly unit: string;
  /** A share of 1 is its own limit. */
  readonly limit?: number;
  /** The change since the point before: added up, so that it reads like any other counter. */
  readonly delta?: true;
  /** Of a distribution over all instances: there is no floor of a single one in it, so it is only shown. */
  readonly quantile?: number;
}

const run = { resource: 'resource.labels.service_name', of: ({ run: names }: Cloud) => names };
const sql = {
  resource: 'resource.labels.database_id',
  of: ({ sql: id, project }: Cloud) => (id === null ? [] : [`${project}:${id}`]),
};
const redis = { resource: 'resource.labels.instance_id', of: ({ redis: id }: Cloud) => (id === null ? [] : [id]) };

/** Names and kinds as the cloud documents them. `network/connections` stays empty for PostgreSQL: `num_backends` is the one. */
export const cloudMetrics: readonly CloudMetric[] = [
  {
    ...run,
    type: 'run.googleapis.com/container/memory/utilizations',
    series: 'cloud.run.memory',
    unit: '1',
    quantile: 0.5,
  },
  { ...run, type: 'run.googleapis.com/container/cpu/utilizations', series: 'cloud.run.cpu', unit: '1', quantile: 0.5 },
  { ...run, type: 'run.googleapis.com/container/instance_count', series: 'cloud.run.instances', unit: '1' },
  { ...run, type: 'run.googleapis.com/request_count', series: 'cloud.run.requests', unit: '1', delta: true },
  { ...sql, type: 'cloudsql.googleapis.com/database/disk/utilization', series: 'postgres.disk', unit: '1', limit: 1 },
  {
    ...sql,
    type: 'cloudsql.googleapis.com/database/memory/utilization',
    series: 'process.memory',
    unit: '1',
    limit: 1,
  },
  { ...sql, type: 'cloudsql.googleapis.com/database/cpu/utilization', series: 'process.cpu', unit: '1', limit: 1 },
  {
    ...sql,
    type: 'cloudsql.googleapis.com/database/postgresql/num_backends',
    series: 'postgres.connections',
    unit: '1',
  },
  {
    ...sql,
    type: 'cloudsql.googleapis.com/database/postgresql/deadlock_count',
    series: 'postgres.deadlocks',
    unit: '1',
    delta: true,
  },
  { ...redis, type: 'redis.googleapis.com/stats/memory/usage_ratio', series: 'redis.memory', unit: '1', limit: 1 },
  { ...redis, type: 'redis.googleapis.com/clients/connected', series: 'redis.clients', unit: '1' },
  { ...redis, type: 'redis.googleapis.com/stats/evicted_keys', series: 'redis.evictions', unit: '1', delta: true },
  { ...run, type: 'logging.googleapis.com/log_entry_count', series: 'cloud.log.entries', unit: '1', delta: true },
];

const severe = new Set(['CRITICAL', 'ALERT', 'EMERGENCY']);

/** Points are visible up to 210 s after they were taken; what is younger may still be missing. */
const delayMs = 240_000;
const service: Readonly<Record<string, string>> = { cloudsql: 'postgres', redis: 'redis' };

/** The cloud's own monitoring: asked once a minute for what has become visible since. */
export function cloudWatcher(cloud: Cloud, client: MetricServiceClient, watching: Watching): Watcher {
  const wanted = cloudMetrics.flatMap((metric) =>
    metric.of(cloud).map((name) => ({ metric, name, total: new Map<string, number>(), seenMs: Number.NaN })),
  );
  const startedMs = Date.now() - watching.now();
  for (const { metric, name } of wanted) tellLimit(metric, name, watching);
  return {
    name: 'cloud',
    everyMs: 60_000,
    async sample(signal) {
      const samples: Sample[] = [];
      for (const one of wanted) {
        if (signal.aborted) break;
        const until = Date.now() - delayMs;
        const from = Number.isNaN(one.seenMs) ? Math.max(startedMs, until - 600_000) : one.seenMs;
        if (until - from < 1_000) continue;
        const found = await pointsOf(client, cloud.project, one, from, until, watching.environment.timeoutMs);
        one.seenMs = until;
        samples.push(...found.flatMap((point) => taken(one, point, startedMs, watching)));
      }
      return samples.sort((a, b) => a.atMs! - b.atMs!);
    },
    close: () => client.close(),
  };
}

interface Wanted {
  readonly metric: CloudMetric;
  readonly name: string;
  readonly total: Map<string, number>;
  seenMs: number;
}

interface Point {
  readonly endMs: number;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

async function pointsOf(
  client: MetricServiceClient,
  project: string,
  { metric, name }: Wanted,
  from: number,
  until: number,
  timeoutMs: number,
): Promise<Point[]> {
  const [list] = await client.listTimeSeries(
    {
      name: `projects/${project}`,
      filter: `metric.type="${metric.type}" AND ${metric.resource}="${name}"`,
      interval: { startTime: timestamp(from), endTime: timestamp(until) },
      view: 'FULL',
    },
    { timeout: timeoutMs, maxResults: 2_000 },
  );
  const points = list.flatMap(({ points: each, metric: of }) =>
    (each ?? []).map((point) => ({
      endMs: Number(point.interval?.endTime?.seconds ?? 0) * 1000,
      value: numberIn(point.value as TypedValue, metric.quantile),
      labels: (of?.labels ?? {}) as Record<string, string>,
    })),
  );
  // They come newest first. A point that ends where the last question ended was told then.
  return points.filter(({ value, endMs }) => Number.isFinite(value) && endMs > from).sort((a, b) => a.endMs - b.endMs);
}

const timestamp = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: 0 });

interface TypedValue {
  readonly doubleValue?: number | null;
  readonly int64Value?: unknown;
  readonly distributionValue?: Distribution | null;
}

interface Distribution {
  readonly count?: unknown;
  readonly mean?: number | null;
  readonly bucketCounts?: readonly unknown[] | null;
  readonly bucketOptions?: {
    readonly exponentialBuckets?: { readonly growthFactor?: number | null; readonly scale?: number | null } | null;
    readonly linearBuckets?: { readonly width?: number | null; readonly offset?: number | null } | null;
    readonly explicitBuckets?: { readonly bounds?: readonly number[] | null } | null;
  } | null;
}

function numberIn(value: TypedValue | null | undefined, quantile: number | undefined): number {
  if (!value) return Number.NaN;
  if (value.distributionValue) return quantileOf(value.distributionValue, quantile ?? 0.5);
  if (value.int64Value !== undefined && value.int64Value !== null && value.int64Value !== '0')
    return Number(value.int64Value);
  return Number(value.doubleValue ?? value.int64Value ?? Number.NaN);
}

/** The upper bound of the bucket that holds the quantile; without buckets the mean. */
function quantileOf(distribution: Distribution, quantile: number): number {
  const counts = (distribution.bucketCounts ?? []).map(Number);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (total > 0 && seen >= quantile * total) return upperBound(distribution, index) ?? Number(distribution.mean);
  }
  return Number(distribution.mean ?? Number.NaN);
}

function upperBound({ bucketOptions }: Distribution, index: number): number | null {
  const { exponentialBuckets: exponential, linearBuckets: linear, explicitBuckets: explicit } = bucketOptions ?? {};
  if (explicit?.bounds) return explicit.bounds[index] ?? null;
  if (exponential) return Number(exponential.scale) * Number(exponential.growthFactor) ** index;
  return linear ? Number(linear.offset) + Number(linear.width) * index : null;
}

function taken(
  { metric, name, total }: Wanted,
  { endMs, value, labels }: Point,
  startedMs: number,
  { emit }: Watching,
): Sample[] {
  const atMs = endMs - startedMs;
  if (metric.series === 'cloud.log.entries' && severe.has(labels.severity ?? '') && value > 0) {
    emit({
      kind: 'event',
      what: 'critical',
      service: name,
      atMs,
      detail: `log entries of severity ${labels.severity}`,
      count: Math.round(value),
    });
  }
  const key = JSON.stringify(labels);
  if (metric.delta) total.set(key, (total.get(key) ?? 0) + value);
  return [
    {
      series: metric.series,
      unit: metric.unit,
      labels: { ...labels, ...labelsOf(metric, name) },
      value: metric.delta ? total.get(key)! : value,
      atMs,
    },
  ];
}

const labelsOf = ({ type }: CloudMetric, name: string): Record<string, string> => ({
  service: service[type.split('.')[0]!] ?? name,
  from: 'cloud',
});

function tellLimit(metric: CloudMetric, name: string, { emit, now }: Watching): void {
  if (metric.limit === undefined) return;
  emit({
    kind: 'limit',
    series: metric.series,
    labels: labelsOf(metric, name),
    atMs: now(),
    value: metric.limit,
    from: 'a share',
  });
}

/** A client of the cloud, or of what answers in its place under `cloud.apiEndpoint`. */
export async function cloudClient(cloud: Cloud): Promise<MetricServiceClient> {
  if (cloud.apiEndpoint === null) return new v3.MetricServiceClient({ projectId: cloud.project });
  const [{ credentials }, { PassThroughClient }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('google-auth-library'),
  ]);
  const { hostname, port, protocol } = new URL(
    cloud.apiEndpoint.includes('://') ? cloud.apiEndpoint : `http://${cloud.apiEndpoint}`,
  );
  return new v3.MetricServiceClient({
    projectId: cloud.project,
    apiEndpoint: hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(protocol === 'https:'
      ? {}
      : { sslCreds: credentials.createInsecure(), authClient: new PassThroughClient() as never }),
  });
}
