import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { hasScreen } from '../../environment/surroundings.ts';
import type { Environment } from '../../environment/types.ts';
import { isProfile, profileNames } from '../../targets/index.ts';
import { environmentFrom } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { print, progressFor, terminal } from '../output.ts';
import { printFinished } from '../run/present.ts';
import { type JourneyOptions, run } from '../run/run.ts';
import { gateSuites, type Selection, type Shard, select } from '../run/select.ts';

interface Flags {
  readonly env?: string;
  readonly profile: string;
  readonly only: readonly string[];
  readonly out?: string;
  readonly earlyStop: boolean;
  readonly within?: number;
  readonly yesProduction?: string;
  readonly shard?: Shard;
  readonly retries?: number;
  readonly ui?: boolean;
  readonly debug?: boolean;
  readonly headed?: boolean;
}

/** `smoke`, `e2e`, `load`, `security`, `gate`: the same flags, other suites. */
export function addSuiteCommands(program: Command): void {
  for (const suite of ['smoke', 'e2e', 'load', 'security']) {
    const command = withFlags(program.command(suite).description(`run the ${suite} suite against a deployment`));
    if (suite === 'e2e') withJourneyFlags(command);
    command.action((flags: Flags) => runSuites([suite], false, flags));
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

function withJourneyFlags(command: Command): Command {
  return command
    .option('--shard <part>', 'one part of the checks, e.g. 1/3; "shakedown merge" joins the parts', shard)
    .option('--retries <n>', 'look at a failed journey again; one that needed it is shown as flaky and fails', count, 0)
    .option('--ui', "the browser runner's UI mode, for whoever writes a check")
    .option('--debug', "the browser runner's inspector, step by step")
    .option('--headed', 'with a browser one can see');
}

async function runSuites(suites: readonly string[], gate: boolean, flags: Flags): Promise<void> {
  const environment = environmentFrom(flags.env);
  const selection = select(suites, {
    gate,
    only: flags.only,
    waived: new Set(environment.waivers.map((waiver) => waiver.check)),
    ...(flags.shard ? { shard: flags.shard } : {}),
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
    journeys: journeysOf(flags),
    progress,
  });
  printFinished(result);
}

function journeysOf({ retries, ui, debug, headed }: Flags): JourneyOptions {
  const tools = ui ? 'ui' : debug ? 'debug' : headed ? 'headed' : undefined;
  if (tools && tools !== 'ui' && !hasScreen())
    throw new UsageError(
      `--${tools} opens a window: expected DISPLAY or WAYLAND_DISPLAY to name a screen, found neither; on a machine without one use --ui, or begin the command with xvfb-run`,
    );
  return { ...(retries ? { retries } : {}), ...(tools ? { tools } : {}) };
}

/** Production is asked for once more before anything is written to it: by name, never by habit. */
export async function confirmProduction(
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

export function list(value: string, before: readonly string[]): string[] {
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

function shard(value: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(value)?.map(Number) ?? [];
  if (index && of && index <= of) return { index, of };
  throw new UsageError(`--shard: expected a part like 1/3, found "${value}"`);
}

function count(value: string): number {
  if (/^\d$/.test(value)) return Number(value);
  throw new UsageError(`--retries: expected a number from 0 to 9, found "${value}"`);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function duration(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (!match) throw new UsageError(`expected a duration like 90s, 5m or 48h, found "${value}"`);
  return Number(match[1]) * unitMs[match[2]!]!;
}
