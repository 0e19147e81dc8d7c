import { Command, CommanderError } from 'commander';
import { addChecksCommands } from './commands/checks.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addInitCommand } from './commands/init.ts';
import { addJudgeCommands } from './commands/judge.ts';
import { addMergeCommand } from './commands/merge.ts';
import { addProveCommand } from './commands/prove.ts';
import { addReferenceCommands } from './commands/reference.ts';
import { addRlsCommand } from './commands/rls.ts';
import { addSoakCommand } from './commands/soak.ts';
import { addStartCommand } from './commands/start.ts';
import { addSuiteCommands } from './commands/suites.ts';
import { exitCodes, UsageError } from './errors.ts';
import { complain } from './output.ts';
import { harnessVersion } from './version.ts';

export function program(): Command {
  const shakedown = new Command('shakedown')
    .description('Decides whether a deployed platform may ship, with evidence')
    .version(harnessVersion)
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false });
  addSuiteCommands(shakedown);
  addSoakCommand(shakedown);
  addRlsCommand(shakedown);
  addJudgeCommands(shakedown);
  addMergeCommand(shakedown);
  addChecksCommands(shakedown);
  addDoctorCommand(shakedown);
  addInitCommand(shakedown);
  addProveCommand(shakedown);
  addReferenceCommands(shakedown);
  addStartCommand(shakedown);
  for (const command of everyCommand(shakedown)) command.exitOverride();
  return shakedown;
}

export const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];

/** Exit codes: the verdict's own 0 to 3, 64 for bad arguments or input, 70 for our own fault. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return;
    complain(
      error instanceof UsageError
        ? error.message
        : `shakedown itself failed, which is a fault of ours: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  return error instanceof UsageError ? exitCodes.usage : exitCodes.ours;
}

/** A pipe takes 64 kB at a time: whoever reads a long answer must get all of it before the process ends. */
const flushed = (): Promise<unknown> =>
  Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));

if (import.meta.main) {
  await main(process.argv.slice(2));
  await flushed();
  // A worker or a socket that a dependency forgot must not keep a finished command alive.
  process.exit();
}
