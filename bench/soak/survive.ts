import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { partsOf } from '../../record/parts.ts';
import { foldRecord, RecordError } from '../../record/reader.ts';
import { resumeRecord } from '../../record/writer.ts';
import { nodeEnvironment, nodeOptions } from '../../setup/tools.mjs';
import { healthyAnswers } from '../../test/servers/healthy.ts';
import { entriesIn, slotsIn, startSoaking, until } from '../../test/soak/processes.ts';
import { Random } from './random.ts';
import { statusesOf } from './statuses.ts';

/**
 * Kills a soak in scaled time again and again with SIGKILL and goes on with it, then cuts its record at random bytes.
 * `node bench/soak/survive.ts [kills] [cuts] [soaks beside each other] [name]` writes `results/survive.md`, or `results/NAME.md`.
 */
const kills = Number(process.argv[2] ?? 50);
const cuts = Number(process.argv[3] ?? 1_000);
const patienceMs = 300_000;
/** The last process of each has time to close parts: it may once its judge has read what was there before. */
const lastMs = 60_000;
/** Copies that another process judges at once. */
const batch = 200;
const random = new Random(20260102);
const home = mkdtempSync(join(tmpdir(), 'shakedown-survive-'));
/** Soaks beside each other, each killed in turn: most of the time goes into starting processes. */
const lanes = Number(process.argv[4] ?? 3);
const name = process.argv[5] ?? 'survive';
// As the launcher starts them, but for what Node takes on the command line alone.
const given = nodeOptions.filter((option) => process.allowedNodeEnvironmentFlags.has(option.split('=')[0]!));
Object.assign(process.env, { NODE_OPTIONS: given.join(' '), ...nodeEnvironment(), ...process.env });
const server = createServer(healthyAnswers);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const env = environmentFile();
const soaking = { env, forMs: 48 * 3_600_000, timeScale: 48, partBytes: 8_000 };

const directories = Array.from({ length: lanes }, (_, i) => join(home, `run-${i}`));
const killed = (
  await Promise.all(directories.map((at, i) => killAgainAndAgain(at, Math.ceil((kills - i) / lanes))))
).flat();
const cut = directories.map((at, i) => cutAnywhere(at, Math.ceil((cuts - i) / lanes))).reduce(together);
server.close();
rmSync(home, { recursive: true, force: true });
report();

interface Killed {
  readonly lostMs: number;
  /** From the start of the process to its first slot; null: the first process. */
  readonly backMs: number | null;
  /** The processor time of that. */
  readonly backCpuMs: number | null;
  /** Resident, shared pages of Node itself included. */
  readonly rssBytes: number;
}

async function killAgainAndAgain(directory: string, times: number): Promise<Killed[]> {
  const each: Killed[] = [];
  for (let round = 0; round < times; round++) {
    const before = slotsIn(directory);
    const soak = startSoaking({ ...soaking, ...(round === 0 ? { out: directory } : { resume: directory }) });
    await until(() => slotsIn(directory) > before, patienceMs, `slots of round ${round}`);
    const backCpuMs = cpuMsOf(soak.pid);
    await sleep(500 + random.uniform() * 4_000);
    const rssBytes = rssOf(soak.pid);
    soak.kill('SIGKILL');
    const killedAtMs = Date.now();
    await soak.ended;
    const entries = entriesIn(directory);
    const originMs = Date.parse(entries[0]!.kind === 'run' ? entries[0]!.startedAt : '');
    const slots = entries.flatMap((entry) => (entry.kind === 'measurement' ? [entry.startMs] : []));
    const backMs = round === 0 ? null : originMs + slots[before]! - soak.startedAtMs;
    each.push({
      lostMs: killedAtMs - originMs - slots.at(-1)!,
      backMs,
      backCpuMs: round === 0 ? null : backCpuMs,
      rssBytes,
    });
    process.stderr.write(`${round + 1} of ${times}: ${JSON.stringify(each.at(-1))}\n`);
  }
  // Parts to be cut are closed in good order first.
  if (cuts === 0) return each;
  const { said } = await startSoaking({ ...soaking, resume: directory, segmentMs: lastMs }).ended;
  if (said !== '') throw new Error(said);
  return each;
}

/** Processor time of a process so far, from Linux' /proc in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** From Linux' /proc, in kilobytes. */
function rssOf(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
}

function together(a: Cut, b: Cut): Cut {
  return Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, value + b[key as keyof Cut]]),
  ) as unknown as Cut;
}

interface Cut {
  same: number;
  different: number;
  nothingLeft: number;
  resumed: number;
  notResumed: number;
  linesLost: number;
  worstLinesLost: number;
  parts: number;
  bytes: number;
}

function cutAnywhere(directory: string, times: number): Cut {
  const none = { same: 0, different: 0, nothingLeft: 0, resumed: 0, notResumed: 0, linesLost: 0, worstLinesLost: 0 };
  if (times === 0) return { ...none, parts: 0, bytes: 0 };
  const parts = partsOf(join(directory, 'run.ndjson')).map(({ path }) => ({ path, bytes: readFileSync(path) }));
  const total = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const reported = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'));
  const whole = statusesOf(directory)!;
  const seen: Cut = { ...none, parts: parts.length, bytes: total };
  if (whole.verdict !== reported.verdict) seen.different += 1;
  for (let from = 0; from < times; from += batch) {
    const copies = Array.from({ length: Math.min(batch, times - from) }, (_, i) => {
      const to = join(home, `cut-${from + i}`);
      mkdirSync(to);
      cutTo(parts, 1 + Math.floor(random.uniform() * total), to);
      return to;
    });
    const here = copies.map((at) => JSON.stringify(statusesOf(at)));
    const there = execFileSync(
      process.execPath,
      [fileURLToPath(new URL('./statuses.ts', import.meta.url)), ...copies],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      },
    )
      .trim()
      .split('\n');
    for (const [i, at] of copies.entries()) {
      if (here[i] === there[i]) seen.same += 1;
      else seen.different += 1;
      if (here[i] === 'null') seen.nothingLeft += 1;
      else goOn(at, seen);
      rmSync(at, { recursive: true });
    }
  }
  return seen;
}

/** Resumes a record and holds what is in it afterwards against what was readable before. */
function goOn(
  at: string,
  seen: { resumed: number; notResumed: number; linesLost: number; worstLinesLost: number },
): void {
  const path = join(at, 'run.ndjson');
  const before = linesOf(path);
  const writer = resumeRecord(at, { now: () => 1e9 });
  writer.append({ kind: 'note', what: 'resumed', detail: 'by the bench' });
  writer.close();
  const after = linesOf(path);
  const lost = before.lines + (before.torn ? 2 : 1) - after.lines;
  if (lost === 0 && !after.torn) seen.resumed += 1;
  else seen.notResumed += 1;
  seen.linesLost += Math.max(0, lost);
  seen.worstLinesLost = Math.max(seen.worstLinesLost, lost);
}

function linesOf(path: string): { readonly lines: number; readonly torn: boolean } {
  let lines = 0;
  try {
    const { torn } = foldRecord(path, () => {
      lines += 1;
    });
    return { lines, torn: torn !== null };
  } catch (error) {
    if (error instanceof RecordError) return { lines: 0, torn: false };
    throw error;
  }
}

/** The bytes of all parts, one after the other, up to a length. */
function cutTo(parts: readonly { path: string; bytes: Buffer }[], length: number, to: string): void {
  let left = length;
  for (const { path, bytes } of parts) {
    if (left <= 0) return;
    const copy = join(to, basename(path));
    copyFileSync(path, copy);
    if (left < bytes.length) truncateSync(copy, left);
    left -= bytes.length;
  }
}

function environmentFile(): string {
  const path = join(home, 'env.yaml');
  const absent = ['realtime', 'meeting', 'agent', 'landing', 'dashboard', 'widget', 'database', 'redis'];
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    path,
    [
      'name: test',
      'kind: disposable',
      'allow: [soak]',
      'budget: { requests: 10000000 }',
      `parts: { ${absent.map((part) => `${part}: false`).join(', ')} }`,
      `api: { url: "http://127.0.0.1:${port}" }`,
      '',
    ].join('\n'),
  );
  return path;
}

function report(): void {
  const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
  const lost = sorted(killed.map(({ lostMs }) => lostMs));
  const back = sorted(killed.flatMap(({ backMs }) => (backMs === null ? [] : [backMs])));
  const backCpu = sorted(killed.flatMap(({ backCpuMs }) => (backCpuMs === null ? [] : [backCpuMs])));
  const rss = sorted(killed.map(({ rssBytes }) => rssBytes));
  const told = (values: readonly number[]) =>
    values.length === 0
      ? 'not measured'
      : `median ${seconds(values[values.length >> 1]!)}, worst ${seconds(values.at(-1)!)}`;
  const lines = [
    '# A soak that is killed and cut',
    '',
    `Written by \`node bench/soak/survive.ts ${kills} ${cuts} ${lanes} ${name}\`: availability slots every 200 ms or oftener, parts closed at 8 kB, on a machine`,
    `shared with other work (load average at the end ${loadavg()[0]!.toFixed(1)} on two cores, priority ${getPriority()} of this process, 0 being the usual one).`,
    '',
    `- ${killed.length} kills by SIGKILL at random moments: evidence lost before the kill ${told(lost)} (10 s allowed)`,
    `- from the start of the next process to its first slot: ${told(back)} (10 s allowed), of which processor time ${told(backCpu)}`,
    `- memory of a soak of the availability slots alone when it was killed, its judge's thread and Node itself included: median ${megabytes(rss[rss.length >> 1]!)}, largest ${megabytes(rss.at(-1)!)}`,
    ...(cuts === 0 ? [] : cutWords()),
    '',
  ];
  const folder = new URL('./results/', import.meta.url);
  writeFileSync(new URL(`${name}.md`, folder), lines.join('\n'));
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ killed, cut }, null, 1)}\n`);
  process.stdout.write(lines.join('\n'));
}

function cutWords(): string[] {
  return [
    `- ${cuts} cuts at random bytes of ${cut.bytes} bytes in ${cut.parts} parts, closed ones compressed: statuses and reasons the same as those folded by another process ${cut.same} times, different ${cut.different} times`,
    `- went on with a whole chain ${cut.resumed} times, did not ${cut.notResumed} times; whole lines lost by going on: ${cut.linesLost}; nothing was left to go on with ${cut.nothingLeft} times (cut within the first line)`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
