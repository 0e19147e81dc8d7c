import { mkdirSync, writeFileSync } from 'node:fs';
import { type CellResult, type Plan, serial, simulateCell, underLoad } from './simulator.ts';
import { bursts, errors, type Kind, lateShare, lognormal, rareBursts } from './streams.ts';

/**
 * The error rates and the power of the verdict, with optional stopping on. `node bench/verdict/simulation.ts [runs]`
 * writes `results/simulation.json` and `results/simulation.md`. The same seeds give the same numbers.
 */
const runs = Number(process.argv[2] ?? 10_000);

interface Row {
  readonly group: string;
  readonly tau: number;
  readonly plan: Plan;
  readonly kind: Kind;
  readonly promise: string;
  /** Absent where nothing is promised. */
  holds?(result: CellResult): boolean;
}

/** Of the deciding interval that is printed. */
const fewestCovered = 0.99;
const falsePasses = 4 / 10_000;
const falseFails = 38 / 10_000;
const atMost = (promised: number, of: number): number => Math.ceil(promised * of);

const rows: readonly Row[] = [
  ...[1, 10, 50].flatMap((tau) => [
    ...kinds(1.1, tau).map((kind) => neverPasses('P95 at 1.10 × the limit', tau, underLoad(600, 8), kind)),
    ...kinds(0.9, tau).map((kind) => neverFails('P95 at 0.90 × the limit', tau, underLoad(600, 8), kind)),
    errorsOverTheLimit(tau),
    neverFails('errors at 0.8 × the limit', tau, underLoad(300, 100, 0.001), errors(0.0008, tau)),
  ]),
  neverPasses('P95 at 1.10 × the limit, serial', 1, serial(1000), lognormal(0.5, 1.1, 1)),
  neverFails('P95 at 0.90 × the limit, serial', 1, serial(1000), lognormal(0.5, 0.9, 1)),
  power('passes by 1 000, serial', 1, serial(1000), lateShare(0.01, 1), 'passed', 0.99),
  power('passes by 1 000, load', 1, underLoad(125, 8), lateShare(0.01, 1), 'passed', 0.99),
  power('passes by 50 000, load', 50, underLoad(500, 100), lateShare(0.01, 50, 'values'), 'passed', 0.9),
  power('fails by 200, serial', 1, serial(200), lateShare(0.2, 1), 'failed', 0.95),
  power('fails by 1 000, load', 1, underLoad(125, 8), lateShare(0.2, 1), 'failed', 0.99),
  ...[10, 50].flatMap((tau) =>
    [0.25, 0.5, 1].flatMap((sigma) => [
      neverPasses('P95 at 1.10 × the limit, τ of lateness', tau, underLoad(600, 8), lognormal(sigma, 1.1, tau)),
      neverFails('P95 at 0.90 × the limit, τ of lateness', tau, underLoad(600, 8), lognormal(sigma, 0.9, tau)),
    ]),
  ),
  beyond('rare bursts at 1.10 × the limit', 10, underLoad(600, 8), rareBursts(1.1, 10)),
  beyond('rare bursts at 1.10 × the limit', 50, underLoad(600, 8), rareBursts(1.1, 50)),
];

function kinds(ratio: number, tau: number): readonly Kind[] {
  return [...[0.25, 0.5, 1].map((sigma) => lognormal(sigma, ratio, tau, 'values')), bursts(ratio, tau)];
}

const coveredBy = ({ covered, runs }: CellResult): boolean => covered >= fewestCovered * runs;

function neverPasses(group: string, tau: number, plan: Plan, kind: Kind): Row {
  const promise = `false passes ≤ ${falsePasses * 100} %`;
  return { group, tau, plan, kind, promise, holds: (r) => coveredBy(r) && r.passed <= atMost(falsePasses, r.runs) };
}

function neverFails(group: string, tau: number, plan: Plan, kind: Kind): Row {
  const promise = `false fails ≤ ${falseFails * 100} %`;
  return { group, tau, plan, kind, promise, holds: (r) => coveredBy(r) && r.failed <= atMost(falseFails, r.runs) };
}

function power(group: string, tau: number, plan: Plan, kind: Kind, what: 'passed' | 'failed', share: number): Row {
  return {
    group,
    tau,
    plan,
    kind,
    promise: `${what} ≥ ${share * 100} %`,
    holds: (r) => coveredBy(r) && r[what] >= share * r.runs,
  };
}

/** Measured to be known, and promised by nobody: see docs/decisions/0101. */
function beyond(group: string, tau: number, plan: Plan, kind: Kind): Row {
  return { group, tau, plan, kind, promise: 'none' };
}

/** Errors that come in runs further apart than the load lasts leave no trace in it. */
function errorsOverTheLimit(tau: number): Row {
  const group = 'errors at 1.2 × the limit';
  const plan = underLoad(300, 100, 0.001);
  return (tau === 1 ? neverPasses : beyond)(group, tau, plan, errors(0.0012, tau));
}

const results = rows.map((row, index) => {
  const result = simulateCell(row.plan, row.kind, runsOf(row), 1 + index * 1_000_003);
  process.stdout.write(`${index + 1} of ${rows.length}: ${line(row, result)}\n`);
  return { row, result };
});

/** A cell of long runs gets a tenth of them. */
function runsOf({ plan }: Row): number {
  return plan.windows * plan.perWindow > 40_000 ? Math.ceil(runs / 10) : runs;
}

function line({ group, tau, kind, promise, holds }: Row, result: CellResult): string {
  const { passed, failed, undecided, covered, medianN } = result;
  const coverage = ((100 * covered) / result.runs).toFixed(2);
  const cells = [group, kind.name, tau, (kind.share * 100).toFixed(2), passed, failed, undecided, coverage, medianN];
  return `| ${[...cells, promise, kept(holds?.(result))].join(' | ')} |`;
}

function kept(holds: boolean | undefined): string {
  if (holds === undefined) return '–';
  return holds ? 'yes' : 'NO';
}

const head = `# The verdict, simulated

${runs} runs a cell${runs === 10_000 ? '' : ' (the full size is 10 000)'}, seeded, judged as it goes and stopped by the first decision; one judged target, which
is the harshest on false failures. τ is the correlation time of the values, or of the state in bursts and errors; where it says so, of lateness
itself, which is the harder reading. The cell of 50 000 samples has a tenth of the runs. Kept means the promised figure, and that the printed
interval holds the truth in at least 99 %.

| what | stream | τ | truly late % | passed | failed | undecided | interval holds the truth % | median samples | promised | kept |
|---|---|---|---|---|---|---|---|---|---|---|`;

const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL('simulation.md', folder),
  `${head}\n${results.map(({ row, result }) => line(row, result)).join('\n')}\n`,
);
const plain = results.map(({ row, result }) => ({
  what: row.group,
  stream: row.kind.name,
  tau: row.tau,
  share: row.kind.share,
  promise: row.promise,
  kept: row.holds?.(result) ?? null,
  ...result,
}));
writeFileSync(new URL('simulation.json', folder), `${JSON.stringify({ runs, cells: plain }, null, 2)}\n`);
process.exitCode = plain.every((cell) => cell.kept !== false) ? 0 : 1;
