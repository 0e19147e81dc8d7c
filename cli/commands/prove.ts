import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Fault } from '../../reference/faults/fault.ts';
import { exitCodes, UsageError } from '../errors.ts';
import { note, print } from '../output.ts';
import { choose } from '../prove/choose.ts';
import { markdownMatrix, summaryLines } from '../prove/matrix.ts';

interface Flags {
  readonly quick?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
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
    .option('--check <ids...>', 'only faults that break these checks', several, [])
    .option('--list', 'list the faults and stop')
    .option('--json', 'with --list: as JSON')
    .option('--out <dir>', 'directory of the matrix and the records; runs/prove unless said')
    .action(command);
}

async function command(flags: Flags): Promise<void> {
  const { faults } = await import('../../reference/faults/index.ts');
  if (flags.list) return print(listed(faults, flags.json ?? false));
  const chosen = choose(faults, flags);
  if (chosen.length === 0) throw new UsageError('no fault matches; "shakedown prove --list" lists them');
  const out = resolve(
    flags.out ?? join('runs', `prove-${new Date().toISOString().slice(0, 19).replaceAll(/[:T-]/g, '')}`),
  );
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const [{ down, up }, { prove }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../prove/prove.ts'),
  ]);
  const directory = mkdtempSync(join(tmpdir(), 'shakedown-prove-'));
  const stop = new AbortController();
  const cutOff = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cutOff);
  try {
    note('booting a reference deployment');
    const deployment = await up({ directory, log: note, endWithCaller: true });
    const matrix = await prove({
      deployment,
      faults: chosen,
      all: faults,
      quick: flags.quick ?? false,
      out,
      signal: stop.signal,
      say: note,
    });
    writeFileSync(join(out, 'matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`);
    writeFileSync(join(out, 'matrix.md'), markdownMatrix(matrix));
    print(summaryLines(matrix).join('\n'));
    process.exitCode = matrix.proven ? exitCodes.pass : stop.signal.aborted ? exitCodes.undecided : exitCodes.fail;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cutOff);
    await down(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

function listed(faults: readonly Fault[], json: boolean): string {
  const rows = faults.map(({ name, plants, catches, mayAlso }) => ({ name, plants, catches, mayAlso }));
  if (json) return JSON.stringify(rows, null, 2);
  return rows
    .map((row) => `${row.name.padEnd(34)} ${row.plants}\n${' '.repeat(34)} breaks ${row.catches.join(', ')}`)
    .join('\n');
}
