import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Fault } from '../../reference/faults/fault.ts';
import type { ReferenceStatus } from '../../reference/handle.ts';
import { exitCodes, UsageError } from '../errors.ts';
import { note, print } from '../output.ts';
import { choose } from '../prove/choose.ts';
import { markdownMatrix, summaryLines } from '../prove/matrix.ts';

interface Flags {
  readonly quick?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly policies?: true | readonly string[];
  readonly fault: readonly string[];
  readonly check: readonly string[];
  readonly out?: string;
}

const several = (value: string, before: readonly string[]): string[] => [...before, ...value.split(',')];

/** Plants each fault in a reference deployment of its own, one at a time, and shows which checks go red. */
export function addProveCommand(program: Command): void {
  program
    .command('prove')
    .description('plant each fault in a reference deployment, one at a time; the matrix of faults and checks')
    .option('--quick', 'one fault a check, and only the checks it must break')
    .option('--fault <names...>', 'these faults only', several, [])
    .option('--check <ids...>', 'only faults that break these checks; globs', several, [])
    .option('--policies [tables...]', 'make every policy of the reference schema wrong in turn, and see each seen')
    .option('--list', 'list the faults and stop')
    .option('--json', 'with --list: as JSON')
    .option('--out <dir>', 'directory of the matrix and the records; runs/prove unless said')
    .action(command);
}

async function command(flags: Flags): Promise<void> {
  const { faults } = await import('../../reference/faults/index.ts');
  if (flags.policies) return provePolicyMutants(flags);
  const chosen = choose(faults, flags);
  if (flags.list) return print(listed(namedAs(faults, chosen, flags), flags.json ?? false));
  if (chosen.length === 0) throw new UsageError('no fault matches; "shakedown prove --list" lists them');
  const out = outOf(flags);
  const { prove } = await import('../prove/prove.ts');
  await onReference(undefined, async (deployment, signal) => {
    const quick = flags.quick ?? false;
    const matrix = await prove({ deployment, faults: chosen, all: faults, quick, out, signal, say: note });
    writeFileSync(join(out, 'matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`);
    writeFileSync(join(out, 'matrix.md'), markdownMatrix(matrix));
    print(summaryLines(matrix).join('\n'));
    process.exitCode = matrix.proven ? exitCodes.pass : signal.aborted ? exitCodes.undecided : exitCodes.fail;
  });
}

/** Policies need a database and nothing else of the deployment. */
async function provePolicyMutants(flags: Flags): Promise<void> {
  const out = outOf(flags);
  const { policyLines, provePolicies } = await import('../prove/policies.ts');
  await onReference(['postgres'], async (deployment, signal) => {
    const tables = flags.policies === true ? [] : (flags.policies ?? []);
    const proof = await provePolicies({ deployment, tables, signal, say: note });
    if (proof.policies === 0)
      throw new UsageError(`--policies: no table of the reference is named ${tables.join(' or ')}`);
    writeFileSync(join(out, 'policies.json'), `${JSON.stringify(proof, null, 2)}\n`);
    print(policyLines(proof).join('\n'));
    process.exitCode = proof.proven ? exitCodes.pass : signal.aborted ? exitCodes.undecided : exitCodes.fail;
  });
}

function outOf(flags: Flags): string {
  const out = resolve(
    flags.out ?? join('runs', `prove-${new Date().toISOString().slice(0, 19).replaceAll(/[:T-]/g, '')}`),
  );
  mkdirSync(out, { recursive: true, mode: 0o700 });
  return out;
}

/** A reference deployment of its own, gone afterwards whatever happens. */
async function onReference(
  only: readonly string[] | undefined,
  work: (deployment: ReferenceStatus, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { down, up } = await import('../../reference/index.ts');
  const directory = mkdtempSync(join(tmpdir(), 'shakedown-prove-'));
  const stop = new AbortController();
  const cutOff = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cutOff);
  try {
    note('booting a reference deployment');
    const deployment = await up({ directory, log: note, endWithCaller: true, ...(only && { only }) });
    await work(deployment, stop.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cutOff);
    await down(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All of them, or those that would be planted; with everything they break, which is more than what was asked for. */
function namedAs(faults: readonly Fault[], chosen: readonly Fault[], { quick, fault, check }: Flags): readonly Fault[] {
  if (!quick && fault.length === 0 && check.length === 0) return faults;
  const names = new Set(chosen.map(({ name }) => name));
  return faults.filter(({ name }) => names.has(name));
}

function listed(faults: readonly Fault[], json: boolean): string {
  const rows = faults.map(({ name, plants, catches, mayAlso }) => ({ name, plants, catches, mayAlso }));
  if (json) return JSON.stringify(rows, null, 2);
  return rows
    .map((row) => `${row.name.padEnd(34)} ${row.plants}\n${' '.repeat(34)} breaks ${row.catches.join(', ')}`)
    .join('\n');
}
