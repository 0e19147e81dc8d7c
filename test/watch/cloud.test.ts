import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, expect, test } from 'vitest';
import { cloudClient, cloudWatcher } from '../../probes/watch/cloud.ts';
import { soon, watching } from './watching.ts';

/** A server that speaks the protocol of the cloud's monitoring, from the definitions the client ships with. */
interface Asked {
  readonly name: string;
  readonly filter: string;
  readonly interval: { readonly startTime: { seconds: string }; readonly endTime: { seconds: string } };
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function monitoring(answer: (asked: Asked) => unknown): Promise<number> {
  const root = join(dirname(createRequire(import.meta.url).resolve('@google-cloud/monitoring')), '../..');
  const definition = loadSync('google/monitoring/v3/metric_service.proto', {
    includeDirs: [join(root, 'build/protos'), join(root, '../../google-gax/build/protos')],
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  // biome-ignore lint/suspicious/noExplicitAny: the package's definitions are made at run time and have no type.
  const { google } = loadPackageDefinition(definition) as any;
  const server = new Server();
  server.addService(google.monitoring.v3.MetricService.service, {
    listTimeSeries: (call: { request: Asked }, done: (error: null, value: unknown) => void) =>
      done(null, answer(call.request)),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  closing.push(() => server.forceShutdown());
  return port;
}

const at = (seconds: number) => ({
  startTime: { seconds: String(seconds - 60) },
  endTime: { seconds: String(seconds) },
});

test('points are asked for once they are surely visible, put in order and added up', { timeout: 60_000 }, async () => {
  const asked: Asked[] = [];
  const start = Math.floor(Date.now() / 1000) - 600;
  const port = await monitoring((request) => {
    asked.push(request);
    const points = (values: readonly [number, object][]) =>
      values.map(([seconds, value]) => ({ interval: at(seconds), value }));
    if (request.filter.includes('num_backends'))
      return {
        timeSeries: [
          {
            metric: { labels: {} },
            points: points([
              [start + 120, { int64Value: '12' }],
              [start + 60, { int64Value: '11' }],
            ]),
          },
        ],
      };
    if (request.filter.includes('deadlock_count'))
      return {
        timeSeries: [
          {
            metric: { labels: {} },
            points: points([
              [start + 120, { int64Value: '2' }],
              [start + 60, { int64Value: '1' }],
            ]),
          },
        ],
      };
    if (request.filter.includes('log_entry_count'))
      return {
        timeSeries: [
          { metric: { labels: { severity: 'CRITICAL' } }, points: points([[start + 60, { int64Value: '4' }]]) },
        ],
      };
    if (request.filter.includes('memory/utilizations'))
      return {
        timeSeries: [
          {
            metric: { labels: {} },
            points: points([
              [
                start + 60,
                {
                  distributionValue: {
                    count: '4',
                    mean: 0.4,
                    bucketCounts: ['0', '1', '3'],
                    bucketOptions: { explicitBuckets: { bounds: [0.1, 0.3, 0.5] } },
                  },
                },
              ],
            ]),
          },
        ],
      };
    return { timeSeries: [] };
  });
  const around = watching(
    `api: { url: "http://localhost:1" }\ncloud: { project: p, apiEndpoint: "127.0.0.1:${port}", run: [api], sql: main, redis: cache }`,
  );
  around.at(600_000);
  const cloud = around.environment.cloud!;
  const watcher = cloudWatcher(cloud, await cloudClient(cloud), around);
  const samples = await watcher.sample(soon);
  await watcher.close?.();
  const of = (series: string) => samples.filter((sample) => sample.series === series).map(({ value }) => value);
  expect(of('postgres.connections')).toEqual([11, 12]);
  expect(of('postgres.deadlocks')).toEqual([1, 3]);
  expect(of('cloud.run.memory')).toEqual([0.5]);
  expect(samples.find(({ series }) => series === 'postgres.connections')?.atMs).toBeCloseTo(60_000, -4);
  expect(around.emitted.filter(({ kind }) => kind === 'event')).toMatchObject([
    { what: 'critical', service: 'api', count: 4 },
  ]);
  expect(around.emitted.filter(({ kind }) => kind === 'limit').length).toBe(4);
  // Nothing younger than four minutes was asked for, and each of the names.
  for (const { interval } of asked)
    expect(Number(interval.endTime.seconds)).toBeLessThanOrEqual(Date.now() / 1000 - 239);
  expect(asked.some(({ filter }) => filter.includes('resource.labels.database_id="p:main"'))).toBe(true);
});

test('a monitoring that refuses is an error with its reason, not silence', { timeout: 60_000 }, async () => {
  const around = watching(
    'api: { url: "http://localhost:1" }\ntimeoutMs: 1500\ncloud: { project: p, apiEndpoint: "127.0.0.1:9", run: [api] }',
  );
  around.at(600_000);
  const cloud = around.environment.cloud!;
  const watcher = cloudWatcher(cloud, await cloudClient(cloud), around);
  await expect(watcher.sample(soon)).rejects.toThrow();
  await watcher.close?.();
});
