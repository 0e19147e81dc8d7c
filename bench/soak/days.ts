import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { getPriority, loadavg, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../record/entries.ts';
import { compressPart, type Part, partsOf, unpack } from '../../record/parts.ts';
import { createRecord } from '../../record/writer.ts';
import { WindowFold } from '../../runners/soak/windows.ts';
import { nodeEnvironment, nodeOptions } from '../../setup/tools.mjs';
import { Random } from './random.ts';

/**
 * Two days as a soak records them, then judged by a process of its own: 500 series a minute, 100 requests/s in windows of
 * 8 s, a slot every 5 s. `node bench/soak/days.ts [hours] [directory]` writes `results/days.md`; a record that is in the
 * directory already is used again, and one that is written there stays.
 */
const hours = Number(process.argv[2] ?? 48);
const seriesCount = 500;
const partBytes = 4 * 1024 * 1024;
const windowMs = 8_000;
const perSecond = { 'T-api': 76, 'T-chat': 6, 'T-search': 6, 'T-ws-connect': 6, 'T-ws-msg': 6 };
const typicalMs = { 'T-api': 30, 'T-chat': 600, 'T-search': 90, 'T-ws-connect': 40, 'T-ws-msg': 8 };
const kinds = ['process.memory', 'process.heap', 'process.fds', 'process.threads', 'process.cpu'];
const random = new Random(4);
const kept = process.argv[3];
const directory = kept ?? mkdtempSync(join(tmpdir(), 'shakedown-days-'));
const path = join(directory, 'run.ndjson');

if (partsOf(path).length === 0) await write();
const bytes = partsOf(path).reduce((sum, part) => sum + statSync(part.path).size, 0);
const rawBytes = partsOf(path).reduce((sum, part) => sum + rawSize(part), 0);
const few = firstParts(12);
// Compiled sources are kept from one process to the next; the first has none.
inProcess<Judged>('days-judge.ts', few, 'once');
const judged = inProcess<Judged>('days-judge.ts', path, 'once');
const beside = inProcess<Judged>('days-judge.ts', path, 'beside');
const surviving = inProcess<Took>('days-read.ts', path, 'surviving');
const ours = inProcess<Read>('days-read.ts', few, 'ours');
const plain = inProcess<Read>('days-read.ts', few, 'plain');
rmSync(dirname(few), { recursive: true });
if (kept === undefined) rmSync(directory, { recursive: true });
report();

interface Took {
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly maxRssBytes: number;
}

interface Judged extends Took {
  readonly verdict: string;
  readonly statuses: Record<string, string>;
  /** Resident bytes at each full hour. */
  readonly memory: readonly number[];
  readonly harness: { readonly status: string; readonly why: string } | null;
}

interface Read extends Took {
  readonly lines: number;
  readonly values: number;
  readonly lastHash: string;
}

/** Each in a process of its own, with what the launcher gives. */
function inProcess<T>(script: string, record: string, how: string): T {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...nodeEnvironment(), ...process.env };
  return JSON.parse(
    execFileSync(process.execPath, [...nodeOptions, file, record, how], { encoding: 'utf8', env }),
  ) as T;
}

/** A record of the beginning alone: the obvious reader need not read two days to be compared with. */
function firstParts(count: number): string {
  const to = mkdtempSync(join(tmpdir(), 'shakedown-parts-'));
  for (const part of partsOf(path).slice(0, count)) copyFileSync(part.path, join(to, basename(part.path)));
  return join(to, 'run.ndjson');
}

function rawSize(part: Part): number {
  return part.compressed ? unpack(part.path).bytes.length : statSync(part.path).size;
}

async function write(): Promise<void> {
  const writer = createRecord(directory);
  const put = (entry: Entry) => writer.append(entry);
  for (const entry of opening()) put(entry);
  const folds = Object.keys(perSecond).map(
    (assertion) => new WindowFold({ check: 'soak.latency', assertion, lengthMs: windowMs, emit: put }),
  );
  const endMs = hours * 3_600_000;
  for (let atMs = 0; atMs < endMs; atMs += 1_000) {
    if (atMs % windowMs === 0) window(atMs, folds, put);
    if (atMs % 5_000 === 0) put(slot(atMs));
    if (atMs % 10_000 === 0) put({ kind: 'sample', series: 'harness.load', unit: '1/s', atMs, value: 100 });
    if (atMs % 60_000 === 0) for (const sample of samples(atMs)) put(sample);
    if (writer.openBytes() < partBytes) continue;
    await compressPart(writer.nextPart());
  }
  put({ kind: 'end', atMs: endMs });
  writer.close();
}

function opening(): Entry[] {
  const plan = (check: string, assertions: readonly string[]): Entry => ({
    kind: 'plan',
    check,
    assertions,
    targets: Object.fromEntries(assertions.filter((name) => name.startsWith('T-')).map((name) => [name, name])),
  });
  return [
    {
      kind: 'run',
      schema: '1.1',
      id: 'r-days',
      environment: 'bench',
      profile: 'preparation',
      suites: ['soak'],
      partial: false,
      harness: '1.0.0',
      startedAt: '2026-01-02T03:04:05.678Z',
      soak: { plannedMs: hours * 3_600_000, slotMs: 5_000, timeScale: 1, daily: false },
    },
    plan('soak.uptime', ['T-uptime']),
    plan('soak.latency', Object.keys(perSecond)),
    plan('soak.critical', ['answers']),
    plan('soak.memory.SERVICE', ['holds']),
  ];
}

function window(fromMs: number, folds: readonly WindowFold[], put: (entry: Entry) => void): void {
  for (const [i, stream] of Object.keys(perSecond).entries()) {
    const name = stream as keyof typeof perSecond;
    const count = (perSecond[name] * windowMs) / 1_000;
    for (let k = 0; k < count; k++) {
      const tookMs = typicalMs[name] * Math.exp(0.4 * random.normal());
      folds[i]!.answered(fromMs + k, fromMs + k, fromMs + k + tookMs);
    }
    folds[i]!.flush(fromMs + windowMs);
  }
  put({ kind: 'window', check: 'soak.critical', assertion: 'answers', fromMs, toMs: fromMs + windowMs, good: 800 });
}

function slot(atMs: number): Entry {
  const tookMs = Math.round(50 * random.uniform()) / 10;
  return {
    kind: 'measurement',
    check: 'soak.uptime',
    assertion: 'T-uptime',
    dueMs: atMs,
    startMs: atMs + 0.4,
    ok: true,
    tookMs,
  };
}

function samples(atMs: number): Entry[] {
  return Array.from({ length: seriesCount }, (_, i) => {
    const series = kinds[i % kinds.length]!;
    const service = `service-${Math.floor(i / kinds.length)}`;
    return {
      kind: 'sample',
      series,
      unit: i % 5 < 2 ? 'By' : '1',
      labels: { service, instance: 'a', life: `${service}-1` },
      atMs,
      value: valueLike(i % 5),
    };
  });
}

function valueLike(kind: number): number {
  if (kind < 2) return Math.round((120 + 3 * random.normal()) * 2 ** 20);
  return kind === 4 ? Math.round(300 + 30 * random.normal()) / 1_000 : Math.round(40 + random.normal());
}

function report(): void {
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const took = ({ tookMs, cpuMs }: Took) => `${seconds(tookMs)} by the clock, ${seconds(cpuMs)} of processor time`;
  if (ours.lastHash !== plain.lastHash || ours.values !== plain.values || ours.lines !== plain.lines)
    throw new Error('the two readers did not read the same');
  const at = (hour: number) => `${megabytes(beside.memory[hour] ?? Number.NaN)} at hour ${hour}`;
  const lines = [
    '# Two days, recorded and judged',
    '',
    'Written by `node bench/soak/days.ts`, on a machine shared with other work',
    `(load average at the end ${loadavg()[0]!.toFixed(1)} on two cores, priority ${getPriority()} of this process, 0 being the usual one).`,
    '',
    `- ${hours} h of ${seriesCount} series a minute, 100 requests/s in windows of 8 s, a slot every 5 s`,
    `- the record: ${megabytes(rawBytes)}, with closed parts compressed ${megabytes(bytes)} (100 MB allowed)`,
    `- judged by a process of its own, chain checked, in ${took(judged)} (10 s allowed)`,
    `- memory at its largest ${megabytes(judged.maxRssBytes)} resident, Node itself included (150 MB allowed)`,
    `- verdict ${judged.verdict}: ${Object.entries(judged.statuses)
      .map(([id, status]) => `${id} ${status}`)
      .join(', ')}`,
    `- judged as beside a soak that goes on, looked at every hour of it: ${took(beside)}; memory at its largest ${megabytes(beside.maxRssBytes)}`,
    `- memory of that process, resident: ${[1, 6, 12, 24, 36, Math.floor(hours) - 1]
      .filter((hour, i, all) => hour < hours && all.indexOf(hour) === i)
      .map(at)
      .join(', ')}`,
    `- its own memory, a value a minute, judged by itself as one more series: ${beside.harness ? `${beside.harness.status}, ${beside.harness.why}` : 'no row'}`,
    `- what going on with it reads first, after a kill: ${took(surviving)}`,
    '',
    `| reading its first parts (${ours.lines} lines, ${ours.values} timed answers), chain checked, nothing judged | processor time | by the clock | memory at its largest |`,
    '|---|---|---|---|',
    ...(
      [
        ['every line by `JSON.parse`, every histogram by HdrHistogramJS', plain],
        ['our reader', ours],
      ] as const
    ).map(
      ([name, each]) =>
        `| ${name} | ${seconds(each.cpuMs)} | ${seconds(each.tookMs)} | ${megabytes(each.maxRssBytes)} |`,
    ),
    `| ratio | ${(plain.cpuMs / ours.cpuMs).toFixed(1)} | ${(plain.tookMs / ours.tookMs).toFixed(1)} | ${(plain.maxRssBytes / ours.maxRssBytes).toFixed(1)} |`,
    '',
  ];
  writeFileSync(new URL('./results/days.md', import.meta.url), lines.join('\n'));
  process.stdout.write(lines.join('\n'));
}
