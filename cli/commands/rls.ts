import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseEnvironment } from '../../environment/load.ts';
import { DatabaseFailure, openDatabase } from '../../probes/postgres.ts';
import { isHole, proveIsolation, RlsRefusal, type RlsReport } from '../../probes/rls/index.ts';
import { driftFrom, policySnapshot } from '../../probes/rls/snapshot.ts';
import { rlsText } from '../../reporters/rls.ts';
import { sarifOf } from '../../reporters/sarif.ts';
import { exitCodes, UsageError } from '../errors.ts';
import { print } from '../output.ts';
import { harnessVersion } from '../version.ts';

interface RlsArguments {
  readonly url: string;
  readonly asRole: string;
  readonly setting?: string;
  readonly tenantKey: readonly string[];
  readonly shared: readonly string[];
  readonly disposable?: boolean;
  readonly json?: boolean;
  readonly sarif?: string;
  readonly snapshot?: string;
}

/** The database part of tenant isolation alone. 1: a leak, 2: something unprobed, 0: every cell held. */
export function addRlsCommand(program: Command): void {
  program
    .command('rls')
    .description('prove that no tenant reaches the rows of another, on any PostgreSQL')
    .requiredOption('--url <url>', 'a connection as superuser or BYPASSRLS, to make rows and count them; nothing stays')
    .requiredOption('--as-role <role>', 'the role the application connects with')
    .option('--setting <name>', 'the setting that carries the tenant, when the policies do not tell')
    .option('--tenant-key <table=column...>', 'which column says whose a row is, where that is a question', [])
    .option('--shared <table...>', 'tables that belong to no tenant, where that is a question', [])
    .option('--disposable', 'nothing of value is in it: no cap on rows, and functions are called whatever they do')
    .option('--snapshot <file>', 'compare policies, grants and functions with this file; write it when it is not there')
    .option('--json', 'as JSON')
    .option('--sarif <file>', 'write the findings as SARIF 2.1 as well')
    .action(async (given: RlsArguments) => {
      const report = await prove(given);
      if (given.sarif) write(given.sarif, sarifOf(report.findings, harnessVersion));
      print(given.json ? JSON.stringify({ ...summary(report), ...report }, null, 2) : rlsText(report));
      // A pipe takes a long report in pieces, and the process ends right after this.
      await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()));
      process.exitCode = exitCodeOf(report);
    });
}

async function prove(given: RlsArguments): Promise<RlsReport> {
  const database = await open(given.url);
  try {
    const report = await proveIsolation(database, {
      role: given.asRole,
      disposable: given.disposable ?? false,
      answers: { columns: answersOf(given), ...(given.setting && { setting: given.setting }) },
    });
    const drift = given.snapshot ? compared(given.snapshot, await policySnapshot(database.rows)) : [];
    return { ...report, findings: [...report.findings, ...drift] };
  } catch (error) {
    if (error instanceof RlsRefusal) throw new UsageError(error.message);
    throw error;
  } finally {
    await database.close();
  }
}

async function open(url: string) {
  const { environment, problems } = parseEnvironment(
    JSON.stringify({ name: 'rls', kind: 'disposable', timeoutMs: 20_000, database: { appUrl: url, serviceUrl: url } }),
    'rls',
    {},
  );
  if (!environment)
    throw new UsageError(
      `--url: ${problems.map(({ expected, found }) => `expected ${expected}, found ${found}`).join('; ')}`,
    );
  try {
    return await openDatabase(url, { environment });
  } catch (error) {
    if (error instanceof DatabaseFailure) throw new UsageError(`--url: ${error.message}`);
    throw error;
  }
}

function answersOf({ tenantKey, shared }: RlsArguments): Map<string, string> {
  const pairs = tenantKey.map((text) => {
    const [table, column] = text.split('=');
    if (!table || !column) throw new UsageError(`--tenant-key: expected TABLE=COLUMN, found "${text}"`);
    return [table, column] as const;
  });
  return new Map([...pairs, ...shared.map((table) => [table, '-'] as const)]);
}

function compared(file: string, found: string): ReturnType<typeof driftFrom> {
  if (existsSync(file)) return driftFrom(readFileSync(file, 'utf8'), found);
  write(file, found, '--snapshot');
  return [];
}

function write(file: string, text: string, option = '--sarif'): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(
      `${option}: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const countOf = ({ cells }: RlsReport, verdict: string): number =>
  cells.filter((cell) => cell.verdict === verdict).length;

const summary = (report: RlsReport) => ({
  verdict: { [exitCodes.pass]: 'pass', [exitCodes.fail]: 'fail' }[exitCodeOf(report)] ?? 'undecided',
  counts: {
    cells: report.cells.length,
    hold: countOf(report, 'HOLD'),
    leak: countOf(report, 'LEAK'),
    unprobed: countOf(report, 'UNPROBED'),
  },
});

function exitCodeOf(report: RlsReport): number {
  if (countOf(report, 'LEAK') > 0 || report.findings.some(isHole)) return exitCodes.fail;
  return countOf(report, 'UNPROBED') > 0 || countOf(report, 'HOLD') === 0 ? exitCodes.undecided : exitCodes.pass;
}
