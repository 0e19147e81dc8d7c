import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Environment } from '../../environment/types.ts';
import { isProfile, profileNames } from '../../targets/index.ts';
import { environmentFrom } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { print, progressFor, terminal } from '../output.ts';
import { printFinished } from '../run/present.ts';
import { run } from '../run/run.ts';
import { gateSuites, type Selection, select } from '../run/select.ts';

interface Flags {
  readonly env?: string;
  readonly profile: string;
  readonly only: readonly string[];
  readonly out?: string;
  readonly earlyStop: boolean;
  readonly within?: number;
  readonly yesProduction?: string;
}

/** `smoke`, `e2e`, `load`, `security`, `gate`: the same flags, other suites. */
export function addSuiteCommands(program: Command): void {
  for (const suite of ['smoke', 'e2e', 'load', 'security']) {
    withFlags(program.command(suite).description(`run the ${suite} suite against a deployment`)).action(
      (flags: Flags) => runSuites([suite], false, flags),
    );
  }
  withFlags(program.command('gate').description('smoke, then e2e, security and the load of 100 users'))
    .option('--no-early-stop', 'run later suites although the outcome is settled')
    .option('--within <duration>', 'stop after this long, e.g. 5m; what is missing by then is undecided', duration)
    .action((flags: Flags) => runSuites(gateSuites, true, flags));
}

function withFlags(command: Command): Command {
  return command
    .requiredOption('--env <file>', 'the environment file that describes the deployment')
    .option('--profile <name>', `target profile: ${profileNames.join(', ')}`, profile, 'readiness')
    .option('--only <ids...>', 'ids or globs, separated by commas; makes the run partial', list, [])
    .option('--out <dir>', 'directory of the run; runs/ID unless said')
    .option('--yes-production <name>', 'confirms that the deployment of this name may be written to');
}

async function runSuites(suites: readonly string[], gate: boolean, flags: Flags): Promise<void> {
  const environment = environmentFrom(flags.env);
  const selection = select(suites, {
    gate,
    only: flags.only,
    waived: new Set(environment.waivers.map((waiver) => waiver.check)),
  });
  await confirmProduction(environment, selection, flags.yesProduction);
  const progress = progressFor(terminal());
  const result = await run({
    environment,
    profile: flags.profile,
    selection,
    ...(flags.out ? { out: flags.out } : {}),
    earlyStop: flags.earlyStop ?? true,
    withinMs: flags.within ?? null,
    progress,
  });
  printFinished(result);
}

/** Production is asked for once more before anything is written to it: by name, never by habit. */
async function confirmProduction(
  environment: Environment,
  selection: Selection,
  given: string | undefined,
): Promise<void> {
  const writing = selection.checks.filter((check) => check.writes && !check.later).map((check) => check.id);
  if (environment.kind !== 'production' || writing.length === 0 || given === environment.name) return;
  const what = `${writing.length} checks (${writing.slice(0, 3).join(', ')}${writing.length > 3 ? ', …' : ''}) write to "${environment.name}", which is production`;
  if (given !== undefined) throw new UsageError(`--yes-production: expected "${environment.name}", found "${given}"`);
  if (!process.stdin.isTTY) throw new UsageError(`${what}; say --yes-production ${environment.name} to let them`);
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question(`${what}. Type its name to go on: `);
  ask.close();
  if (answer.trim() !== environment.name) throw new UsageError('not confirmed; nothing was sent');
  print('');
}

function list(value: string, before: readonly string[]): string[] {
  return [
    ...before,
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ];
}

export function profile(value: string): string {
  if (!isProfile(value))
    throw new UsageError(`--profile: expected one of ${profileNames.join(', ')}, found "${value}"`);
  return value;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function duration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (!match) throw new UsageError(`expected a duration like 90s, 5m or 48h, found "${value}"`);
  return Number(match[1]) * unitMs[match[2]!]!;
}
