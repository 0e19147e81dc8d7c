/**
 * The gate against a healthy reference deployment, again and again: what comes out, and how long it takes.
 *
 *   node bench/gate/repeat.ts [runs=20] [directory to leave the runs in]
 *   node bench/gate/repeat.ts judge DIRECTORY
 *
 * The second form judges the runs that were left there by the rules of today; what was said then stays beside it.
 *
 * Each run boots a deployment of its own and shuts it down. Adds one line a run to results/gate.ndjson as soon as it is
 * over, so that a bench that is cut off loses nothing, and rewrites README.md from all lines.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Report } from '../../verdict/types.ts';

interface Line {
  readonly at: string;
  readonly verdict: string;
  /** What the rules of its own day said, where they were others. */
  readonly verdictThen?: string;
  readonly exitCode: number;
  /** Smoke and load together, without booting. */
  readonly tookMs: number;
  /** Of the whole command, booting and shutting down included. */
  readonly wholeMs: number;
  /** Load average when it began: what else the machine was doing. */
  readonly busy: number;
  readonly notPassed: readonly { readonly check: string; readonly status: string; readonly why: string }[];
  readonly targets: Readonly<Record<string, string>>;
}

const here = import.meta.dirname;
const main = join(here, '../../cli/main.ts');
const results = join(here, 'results');
const file = join(results, 'gate.ndjson');

mkdirSync(results, { recursive: true });
const kept = process.argv[3];
if (process.argv[2] === 'judge') judgeAgain(kept!);
else await repeat(Number(process.argv[2] ?? 20));
writeFileSync(join(here, 'README.md'), page(all()));

async function repeat(runs: number): Promise<void> {
  for (let index = 0; index < runs; index += 1) {
    const line = await once();
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    process.stdout.write(
      `${index + 1} of ${runs}: ${line.verdict} after ${Math.round(line.tookMs / 1000)} s ${line.notPassed.map((one) => `${one.check}: ${one.why}`).join('; ')}\n`,
    );
  }
}

function judgeAgain(directory: string): void {
  const judged = new Map(
    readdirSync(directory)
      .map((name) => reportNow(join(directory, name)))
      .map((report) => [report.startedAt, report]),
  );
  const lines = all().map((line) => {
    const report = judged.get(line.at);
    return report ? { ...line, ...told(report), verdictThen: line.verdictThen ?? line.verdict } : line;
  });
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function reportNow(run: string): Report {
  const { stdout } = spawnSync(process.execPath, [main, 'judge', run, '--json'], { encoding: 'utf8', maxBuffer: 1e8 });
  return JSON.parse(stdout);
}

async function once(): Promise<Line> {
  const work = mkdtempSync(join(tmpdir(), 'shakedown-bench-gate-'));
  const out = join(work, 'run');
  const started = performance.now();
  const busy = loadavg()[0]!;
  try {
    await command(['start', '--out', out]);
    const report: Report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    return {
      at: report.startedAt,
      tookMs: Math.round(report.tookMs),
      wholeMs: Math.round(performance.now() - started),
      busy: Math.round(busy * 100) / 100,
      ...told(report),
    };
  } finally {
    // A rule that changes later can then be held against the very same records.
    if (kept && existsSync(out)) cpSync(out, join(kept, basename(work)), { recursive: true });
    rmSync(work, { recursive: true, force: true });
  }
}

function told(report: Report): Pick<Line, 'verdict' | 'exitCode' | 'notPassed' | 'targets'> {
  return {
    verdict: report.verdict,
    exitCode: report.exitCode,
    notPassed: report.checks
      .filter((check) => !['pass', 'waived', 'excluded'].includes(check.status))
      .map((check) => ({
        check: check.id,
        status: check.status,
        why: check.assertions.find((row) => row.status === check.status)?.why ?? '',
      })),
    targets: Object.fromEntries(
      report.checks.flatMap((check) =>
        check.assertions.filter((row) => row.target).map((row) => [`${check.id} ${row.target}`, row.observed]),
      ),
    ),
  };
}

function command(args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CI: 'true' },
    });
    child.on('close', () => resolve());
  });
}

function all(): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function page(lines: readonly Line[]): string {
  const count = (verdict: string) => lines.filter((line) => line.verdict === verdict).length;
  const took = lines.map((line) => line.tookMs / 1000).sort((a, b) => a - b);
  const rows = lines.map(
    (line) =>
      `| ${line.at} | ${line.verdict}${line.verdictThen && line.verdictThen !== line.verdict ? ` (then ${line.verdictThen})` : ''} | ${(line.tookMs / 1000).toFixed(0)} s | ${line.busy} | ${line.notPassed.map((one) => `${one.check} ${one.status}: ${one.why.replaceAll('|', '\\|')}`).join('<br>')} |`,
  );
  return [
    '# The gate on the healthy reference deployment',
    '',
    'Written by `node bench/gate/repeat.ts`. Every run boots a deployment of its own on two shared cores, which the platform, the load generator and the harness',
    'have to share; profile readiness. "Then" is what the rules said on the day of the run; the record is judged again by those of today.',
    '',
    `${lines.length} runs: ${count('pass')} pass, ${count('fail')} fail, ${count('invalid')} invalid, ${count('undecided')} undecided. Smoke and load together took ${took[0]?.toFixed(0)} to ${took.at(-1)?.toFixed(0)} s, median ${took[Math.floor(took.length / 2)]?.toFixed(0)} s.`,
    '',
    '| started | verdict | took | load average before | not passed, and why |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
