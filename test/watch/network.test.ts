import { afterEach, describe, expect, test } from 'vitest';
import { openHttp } from '../../probes/http.ts';
import { refusedOf, watchersOf } from '../../probes/watch/index.ts';
import { livekitWatcher } from '../../probes/watch/livekit.ts';
import { parseMetrics, prometheusWatcher } from '../../probes/watch/prometheus.ts';
import { lifeIn, serve, soon, valueIn, watching } from './watching.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function asked(answer: () => { readonly status?: number; readonly body: string }) {
  const server = await serve((_, response) => {
    const { status = 200, body } = answer();
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  });
  const around = watching(`api: { url: "${server.url}" }`);
  const http = openHttp(around);
  closing.push(() => http.close(), server.close);
  return { around, http, url: server.url };
}

describe('metrics in the Prometheus text form', () => {
  test('are read with labels, escapes and infinities', () => {
    const text = '# HELP a b\na{x="1,2",y="q\\"t"} 3 1700000000\nb +Inf\nnonsense here\nc 1e3\n';
    expect(parseMetrics(text)).toEqual([
      { name: 'a', labels: { x: '1,2', y: 'q"t' }, value: 3 },
      { name: 'b', labels: {}, value: Infinity },
      { name: 'c', labels: {}, value: 1000 },
    ]);
  });

  test('become memory, CPU and the life of the process', async () => {
    let start = 1_700_000_000;
    let cpu = 10;
    const page = () =>
      `process_resident_memory_bytes 1e8\nprocess_cpu_seconds_total ${cpu}\nprocess_start_time_seconds ${start}\nprocess_open_fds 33\nprocess_max_fds 1024\n`;
    const { around, http, url } = await asked(() => ({ body: page() }));
    const watcher = prometheusWatcher({ service: 'livekit', url: `${url}/metrics`, cpuCores: 2 }, http, around);
    const first = await watcher.sample(soon);
    expect(valueIn(first, 'process.memory')).toBe(1e8);
    around.at(60_000);
    cpu = 40;
    expect(valueIn(await watcher.sample(soon), 'process.cpu')).toBeCloseTo(0.5, 6);
    start += 500;
    expect(lifeIn(await watcher.sample(soon))).not.toBe(lifeIn(first));
    expect(around.emitted).toMatchObject([
      { kind: 'limit', series: 'process.cpu', value: 2 },
      { kind: 'limit', series: 'process.fds', value: 1024 },
    ]);
  });

  test('that count restarts tell of each, of the service they are asked for, while copies come and go', async () => {
    let counts: Readonly<Record<string, number>> = {};
    const counter = 'kube_pod_container_status_restarts_total';
    const page = () =>
      Object.entries(counts)
        .map(([pod, count]) => `${counter}{namespace="a",pod="${pod}",container="${pod.split('.')[0]}"} ${count}\n`)
        .join('');
    const { around, http, url } = await asked(() => ({ body: `process_open_fds 3\n${page()}` }));
    const watcher = prometheusWatcher({ service: 'api', url, cpuCores: null }, http, around);
    const lifeWith = async (next: Readonly<Record<string, number>>) => {
      counts = next;
      return lifeIn(await watcher.sample(soon));
    };
    expect(await lifeWith({ 'web.1': 4 })).toBeUndefined();
    const first = await lifeWith({ 'api.1': 2, 'api.2': 0, 'web.1': 4 });
    expect(await lifeWith({ 'api.2': 0, 'web.1': 9 })).toBe(first);
    expect(await lifeWith({ 'api.2': 0, 'api.3': 7, 'web.1': 9 })).toBe(first);
    const again = await lifeWith({ 'api.2': 1, 'api.3': 7 });
    expect(again).not.toBe(first);
    expect(await lifeWith({ 'api.2': 1 })).toBe(again);
  });

  test('that are not there are an error with a sentence', async () => {
    const { around, http, url } = await asked(() => ({ status: 404, body: '' }));
    await expect(
      prometheusWatcher({ service: 'livekit', url, cpuCores: null }, http, around).sample(soon),
    ).rejects.toThrow('the metrics of livekit answered 404');
  });
});

test('a media server that answers is up, one that does not is down', async () => {
  const { http, url } = await asked(() => ({ body: 'OK' }));
  expect(valueIn(await livekitWatcher([url.replace('http', 'ws')], http).sample(soon), 'livekit.up')).toBe(1);
  const { http: other, url: gone, around } = await asked(() => ({ status: 503, body: '' }));
  expect(around.environment.api?.url).toBe(gone);
  expect(valueIn(await livekitWatcher([gone], other).sample(soon), 'livekit.up')).toBe(0);
});

test.each([404, 403, 301, 426])(
  'a proxy that answers %d for a media server that is gone is no media server',
  async (status) => {
    const { http, url } = await asked(() => ({ status, body: '' }));
    expect(valueIn(await livekitWatcher([url], http).sample(soon), 'livekit.up')).toBe(0);
  },
);

test.each([
  { more: '', addresses: 1 },
  { more: 'urls: ["ws://127.0.0.1:1"], ', addresses: 2 },
])('the media server of the file is looked at, and its $addresses address(es)', async ({ more, addresses }) => {
  const { url } = await asked(() => ({ body: 'OK' }));
  const tokens = 'tokens: { procedure: livekit.getToken }';
  const around = watching(`meetings: { url: "${url.replace('http', 'ws')}", ${more}${tokens} }\ntimeoutMs: 2000`);
  const watcher = watchersOf('soak.alerts', around).find(({ name }) => name === 'livekit')!;
  closing.push(async () => await watcher.close?.());
  const told = (await watcher.sample(soon)).map(({ value }) => value);
  expect(told).toEqual([1, 0].slice(0, addresses));
});

test('each of several media servers is told by itself', async () => {
  let turn = 0;
  const { http, url } = await asked(() => ({ status: turn++ === 0 ? 200 : 404, body: 'OK' }));
  const samples = await livekitWatcher([url, url], http).sample(soon);
  expect(samples.map(({ labels }) => labels?.instance)).toEqual(['1', '2']);
  expect(samples.map(({ value }) => value).sort()).toEqual([0, 1]);
});

test('what exists and may not be watched is not verified, by name', () => {
  const around = watching(
    'api: { url: "http://localhost:1" }\nparts: { meeting: false, database: false }\nwatch: { processes: [{ service: realtime-1, pid: 1 }] }',
  );
  const names = (check: string) => watchersOf(check, around).map(({ name }) => name);
  expect(names('soak.memory.SERVICE')).toEqual(['harness', 'process realtime-1', 'health api']);
  expect(names('soak.db.disk')).toEqual([]);
  expect(refusedOf('soak.memory.SERVICE', around)).toEqual([
    { check: 'soak.memory.SERVICE', assertion: 'api', needs: 'watch.processes or watch.metrics of api' },
  ]);
  expect(refusedOf('soak.critical', around).map(({ needs }) => needs)).toEqual(['logs of api', 'logs of realtime']);
});
