import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { note, print } from '../output.ts';

interface Flags {
  readonly dir?: string;
  readonly json?: boolean;
  readonly fault: readonly string[];
  readonly asBuilt?: boolean;
}

/** The reference deployment by itself, in the background; `up` returns when it is healthy. */
export function addReferenceCommands(program: Command): void {
  const reference = program.command('reference').description('the reference deployment by itself');
  const withDirectory = (command: Command) =>
    command.option('--dir <dir>', 'its data directory; one of its own per user unless said');
  withDirectory(reference.command('up'))
    .description('start it in the background and return when it is healthy')
    .option(
      '--fault <name>',
      'plant this fault; may be repeated',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--as-built', 'with every defect of the platform as it was built')
    .option('--json', 'print every address and credential')
    .action(bringUp);
  withDirectory(reference.command('down'))
    .description('stop it and remove what it left, also after a crash')
    .action(async ({ dir }: Flags) => {
      const { down } = await import('../../reference/index.ts');
      await down(dir);
      note('the reference deployment is down');
    });
  withDirectory(reference.command('status'))
    .description('is it running, and where')
    .option('--json', 'print every address and credential')
    .action(async ({ dir, json }: Flags) => {
      const { status } = await import('../../reference/index.ts');
      const found = await status(dir);
      if (!found) throw new UsageError('no reference deployment is running; "shakedown reference up" starts one');
      print(json ? JSON.stringify(found, null, 2) : summary(found));
    });
}

async function bringUp({ dir, json, fault, asBuilt }: Flags): Promise<void> {
  const { faultNamed } = await import('../../reference/faults/index.ts');
  const { handle, up } = await import('../../reference/index.ts');
  const wanted = fault.map((name) => faultNamed(name) ?? unknownFault(name));
  const started = performance.now();
  const found = await up({ ...(dir ? { directory: dir } : {}), ...(asBuilt ? { asBuilt } : {}), log: note });
  note(`the reference deployment is up after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  for (const one of wanted) {
    await one.plant(handle(found));
    note(`planted ${one.name}: ${one.plants}`);
  }
  print(json ? JSON.stringify(found, null, 2) : summary(found));
}

function unknownFault(name: string): never {
  throw new UsageError(`--fault: expected the name of a fault, found "${name}"; "shakedown prove --list" lists them`);
}

function summary(found: { environmentFile: string; api: string; realtime: readonly string[]; web: object }): string {
  const web = Object.entries(found.web as Record<string, string>).map(([name, url]) => `${name.padEnd(16)} ${url}`);
  return [
    `environment file ${found.environmentFile}`,
    `api              ${found.api}`,
    ...found.realtime.map((url) => `realtime         ${url}`),
    ...web,
  ].join('\n');
}
