import type { WatchedPage } from '../../environment/types.ts';
import type { Http } from '../http.ts';
import type { Sample, Watcher, Watching } from './types.ts';

export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
/** A page is read up to here; more lines than that are a leak of their own. */
const mostMetrics = 20_000;

/** The Prometheus text form; lines that are none are passed over, as Prometheus' own clients do with comments. */
export function parseMetrics(text: string): readonly Metric[] {
  const metrics: Metric[] = [];
  for (const raw of text.split('\n')) {
    const match = raw.startsWith('#') ? null : line.exec(raw.trim());
    if (!match || metrics.length >= mostMetrics) continue;
    const labels = Object.fromEntries(
      [...(match[2] ?? '').matchAll(label)].map(([, name, value]) => [name!, value!.replaceAll(/\\(.)/g, '$1')]),
    );
    const value = numberOf(match[3]!);
    if (!Number.isNaN(value)) metrics.push({ name: match[1]!, labels, value });
  }
  return metrics;
}

const numberOf = (text: string): number =>
  /^\+?inf$/i.test(text) ? Infinity : /^-inf$/i.test(text) ? -Infinity : Number(text);

/** What a metric is called here; several of one name are added up. */
const gauges: Readonly<Record<string, readonly [series: string, unit: string]>> = {
  process_resident_memory_bytes: ['process.memory', 'By'],
  nodejs_heap_size_used_bytes: ['process.heap', 'By'],
  go_memstats_heap_inuse_bytes: ['process.heap', 'By'],
  process_open_fds: ['process.fds', '1'],
  process_num_threads: ['process.threads', '1'],
  go_goroutines: ['process.threads', '1'],
  nodejs_active_handles_total: ['process.handles', '1'],
  livekit_room_total: ['livekit.rooms', '1'],
  livekit_participant_total: ['livekit.participants', '1'],
  websocket_connections: ['realtime.connections', '1'],
  ws_connections: ['realtime.connections', '1'],
};
const usualName = 'process_resident_memory_bytes';
const limits: Readonly<Record<string, readonly [series: string, from: string]>> = {
  process_max_fds: ['process.fds', 'process_max_fds'],
  container_spec_memory_limit_bytes: ['process.memory', 'container limit'],
};

/** How often a container or a process was begun again, in the words of whoever begins it again. */
const restartCounters: ReadonlySet<string> = new Set([
  'kube_pod_container_status_restarts_total',
  'container_restarts_total',
  'container_restart_count',
  'process_restarts_total',
  'pm2_restarts',
  'pm2_restart_count',
]);
/** Labels that say whose a counter is; a page may tell of a whole cluster. */
const whose = ['container', 'container_name', 'container_label_com_docker_compose_service', 'name', 'app'];

/**
 * Each counter by itself: copies come and go with theirs, so their sum says nothing. One that was not there before counts
 * from where it is first seen.
 */
class Restarts {
  readonly #service: string;
  readonly #last = new Map<string, number>();
  #rose = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** How often any was begun again since the first look; null: the page counts none. */
  see(metrics: readonly Metric[]): number | null {
    const mine = metrics.filter(({ name, labels }) => restartCounters.has(name) && this.#isMine(labels));
    for (const { name, labels, value } of mine) {
      const key = JSON.stringify([name, labels]);
      this.#rose += Math.max(0, value - (this.#last.get(key) ?? value));
      this.#last.set(key, value);
    }
    return mine.length === 0 && this.#last.size === 0 ? null : this.#rose;
  }

  #isMine(labels: Readonly<Record<string, string>>): boolean {
    const said = whose.map((name) => labels[name]).filter((value) => value !== undefined);
    return said.length === 0 || said.some((value) => value === this.#service || value.startsWith(`${this.#service}-`));
  }
}

/** A page of metrics of one service. */
export function prometheusWatcher(
  { service, url, cpuCores }: WatchedPage,
  http: Http,
  { now, emit }: Watching,
): Watcher {
  let before: { readonly cpu: number; readonly atMs: number; readonly life: string } | null = null;
  const told = new Map<string, number>();
  const restarts = new Restarts(service);
  let isCpuTold = false;
  return {
    name: `metrics ${service}`,
    everyMs: 60_000,
    async sample() {
      const answer = await http.ask(url, { maxBytes: 8 * 2 ** 20 });
      if (!answer.ok) throw new Error(`the metrics of ${service} could not be read: ${answer.because}`);
      if (answer.status !== 200) throw new Error(`the metrics of ${service} answered ${answer.status}`);
      const metrics = parseMetrics(answer.body.toString('utf8'));
      const sums = summed(metrics);
      const start = sums.get('process_start_time_seconds');
      const life = start === undefined ? undefined : String(Math.round(start));
      const atMs = now();
      const cpu = sums.get('process_cpu_seconds_total');
      const cores = coresSince(cpu, atMs, life ?? '');
      tellLimits(sums, atMs);
      const samples = [
        ...samplesOf(sums, { service, from: 'metrics', ...(life === undefined ? {} : { life }) }, cores),
        ...countedBy(restarts.see(metrics), service),
      ];
      if (samples.length === 0)
        throw new Error(`the metrics of ${service} hold none of the names known here, such as ${usualName}`);
      return samples;
    },
  };

  function coresSince(cpu: number | undefined, atMs: number, life: string): number | null {
    const last = before;
    if (cpu === undefined) return null;
    before = { cpu, atMs, life };
    return last?.life === life && atMs > last.atMs ? (1000 * (cpu - last.cpu)) / (atMs - last.atMs) : null;
  }

  function tellLimits(sums: ReadonlyMap<string, number>, atMs: number): void {
    if (cpuCores !== null && !isCpuTold) {
      isCpuTold = true;
      const from = 'watch.metrics[].cpuCores';
      emit({ kind: 'limit', series: 'process.cpu', labels: { service, from: 'metrics' }, atMs, value: cpuCores, from });
    }
    for (const [name, [series, from]] of Object.entries(limits)) {
      const value = sums.get(name);
      if (value === undefined || !(value > 0) || !Number.isFinite(value) || told.get(name) === value) continue;
      told.set(name, value);
      emit({ kind: 'limit', series, labels: { service, from: 'metrics' }, atMs, value, from });
    }
  }
}

function summed(metrics: readonly Metric[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { name, value } of metrics) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}

/** Each restart that was counted is another life. */
function countedBy(rose: number | null, service: string): Sample[] {
  if (rose === null) return [];
  const labels = { service, from: 'restart counter', life: `after ${rose}` };
  return [{ series: 'process.up', unit: '1', labels, value: 1 }];
}

function samplesOf(
  sums: ReadonlyMap<string, number>,
  labels: Readonly<Record<string, string>>,
  cores: number | null,
): Sample[] {
  const found = Object.entries(gauges).flatMap(([name, [series, unit]]): Sample[] => {
    const value = sums.get(name);
    return value === undefined || !Number.isFinite(value) ? [] : [{ series, unit, labels, value }];
  });
  if (labels.life !== undefined) found.push({ series: 'process.up', unit: '1', labels, value: 1 });
  if (cores !== null) found.push({ series: 'process.cpu', unit: '1', labels, value: cores });
  return found;
}
