import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../record/entries.ts';
import { compressPart, partsOf } from '../../record/parts.ts';
import { createRecord } from '../../record/writer.ts';
import { WindowFold } from '../../runners/soak/windows.ts';
import { Random } from './random.ts';

/**
 * Two days as a soak records them, then judged by a process of its own: 500 series a minute, 100 requests/s in windows of
 * 8 s, a slot every 5 s. `node bench/soak/days.ts [hours]` writes `results/days.md`.
 */
const hours = Number(process.argv[2] ?? 48);
const seriesCount = 500;
const partBytes = 4 * 1024 * 1024;
const windowMs = 8_000;
const perSecond = { 'T-api': 76, 'T-chat': 6, 'T-search': 6, 'T-ws-connect': 6, 'T-ws-msg': 6 };
const typicalMs = { 'T-api': 30, 'T-chat': 600, 'T-search': 90, 'T-ws-connect': 40, 'T-ws-msg': 8 };
const kinds = ['process.memory', 'process.heap', 'process.fds', 'process.threads', 'process.cpu'];
const random = new Random(4);
const directory = mkdtempSync(join(tmpdir(), 'shakedown-days-'));
const path = join(directory, 'run.ndjson');

const rawBytes = await write();
const bytes = partsOf(path).reduce((sum, part) => sum + statSync(part.path).size, 0);
const judged = JSON.parse(
  execFileSync(process.execPath, [fileURLToPath(new URL('./days-judge.ts', import.meta.url)), path], {
    encoding: 'utf8',
  }),
) as { tookMs: number; cpuMs: number; maxRssBytes: number; verdict: string; statuses: Record<string, string> };
rmSync(directory, { recursive: true });
report();

async function write(): Promise<number> {
  const writer = createRecord(directory);
  let raw = 0;
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
    raw += writer.openBytes();
    await compressPart(writer.nextPart());
  }
  put({ kind: 'end', atMs: endMs });
  raw += writer.openBytes();
  writer.close();
  return raw;
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
  const lines = [
    '# Two days, recorded and judged',
    '',
    'Written by `node bench/soak/days.ts`, on a machine shared with other work',
    `(load average at the end ${loadavg()[0]!.toFixed(1)} on two cores).`,
    '',
    `- ${hours} h of ${seriesCount} series a minute, 100 requests/s in windows of 8 s, a slot every 5 s`,
    `- the record: ${megabytes(rawBytes)}, with closed parts compressed ${megabytes(bytes)} (100 MB allowed)`,
    `- judged by a process of its own, chain checked, in ${(judged.tookMs / 1000).toFixed(1)} s, ${(judged.cpuMs / 1000).toFixed(1)} s of processor time (10 s allowed)`,
    `- memory at its largest ${megabytes(judged.maxRssBytes)} resident, Node itself included (150 MB allowed)`,
    `- verdict ${judged.verdict}: ${Object.entries(judged.statuses)
      .map(([id, status]) => `${id} ${status}`)
      .join(', ')}`,
    '',
  ];
  writeFileSync(new URL('./results/days.md', import.meta.url), lines.join('\n'));
  process.stdout.write(lines.join('\n'));
}
