import type { Command } from 'commander';
import { environmentFrom } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { note, progressFor, terminal } from '../output.ts';
import { printFinished } from '../run/present.ts';
import { select } from '../run/select.ts';
import { planFor, promisedMs, soakSelection } from '../soak/plan.ts';
import { confirmProduction, duration, list, profile } from './suites.ts';

interface Flags {
  readonly env?: string;
  readonly profile: string;
  readonly only: readonly string[];
  readonly out?: string;
  readonly for: number;
  readonly segment?: number;
  readonly resume?: string;
  readonly daily?: boolean;
  readonly users: number;
  readonly socketLimit: number;
  readonly timeScale: number;
  readonly earlyStop: boolean;
  readonly yesProduction?: string;
}

const hourMs = 3_600_000;

/** Hours of steady traffic: what leaks, restarts, drifts or is away shows only over time. */
export function addSoakCommand(program: Command): void {
  program
    .command('soak')
    .description(
      'steady traffic for hours or days; what leaks, restarts, drifts or is away, and when it would bring the platform down',
    )
    .requiredOption('--env <file>', 'the environment file that describes the deployment')
    .option('--for <duration>', 'how long, gaps not counted', duration, promisedMs)
    .option(
      '--segment <duration>',
      'end this process after so long, in good order, below the limit of a CI job',
      duration,
    )
    .option('--resume <dir>', 'go on with the soak in this directory')
    .option('--daily', 'the load follows the rhythm of a day instead of being constant')
    .option('--users <count>', 'users of the background traffic', count, 20)
    .option('--socket-limit <duration>', 'age at which a proxy may close a socket', duration, hourMs)
    .option('--time-scale <factor>', 'rehearsal: a second stands for so many; the record says so', factor, 1)
    .option('--no-early-stop', 'go on although the outcome is settled')
    .option('--profile <name>', 'target profile', profile, 'readiness')
    .option('--only <ids...>', 'ids or globs, separated by commas; makes the run partial', list, [])
    .option('--out <dir>', 'directory of the run; runs/ID unless said')
    .option('--yes-production <name>', 'confirms that the deployment of this name may be written to')
    .action(command);
}

async function command(flags: Flags): Promise<void> {
  if (flags.resume !== undefined && flags.out !== undefined)
    throw new UsageError('--resume and --out: expected one of them; a soak goes on where it is');
  const environment = environmentFrom(flags.env);
  const waived = new Set(environment.waivers.map((waiver) => waiver.check));
  const selection = soakSelection(select(['soak'], { gate: false, only: flags.only, waived }), flags.for);
  await confirmProduction(environment, selection, flags.yesProduction);
  const { soak } = await import('../soak/soak.ts');
  const result = await soak({
    environment,
    profile: flags.profile,
    selection,
    plan: planFor(flags.for, flags.timeScale, flags.daily ?? false),
    segmentMs: flags.segment ?? null,
    users: flags.users,
    socketLimitMs: flags.socketLimit,
    earlyStop: flags.earlyStop,
    progress: progressFor(terminal()),
    ...(flags.out ? { out: flags.out } : {}),
    ...(flags.resume ? { resume: flags.resume } : {}),
  });
  printFinished(result);
  if (!result.report.complete) note(`not complete; "shakedown soak --env FILE --resume ${result.directory}" goes on`);
}

function count(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new UsageError(`--users: expected a whole number, found "${value}"`);
  return Number(value);
}

function factor(value: string): number {
  const number = Number(value);
  if (!(number >= 1 && number <= 10_000))
    throw new UsageError(`--time-scale: expected a number from 1 to 10000, found "${value}"`);
  return number;
}
