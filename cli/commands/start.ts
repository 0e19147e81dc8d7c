import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { environmentFrom } from '../environment.ts';
import { note, progressFor, terminal } from '../output.ts';
import { printFinished } from '../run/present.ts';
import { run } from '../run/run.ts';
import { gateSuites, select } from '../run/select.ts';
import { duration, profile } from './suites.ts';

/** What `npm start` runs: the gate against a reference deployment of its own, which is gone again afterwards. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('boot a reference deployment, run the gate on it, shut it down')
    .option('--profile <name>', 'target profile', profile, 'readiness')
    .option('--out <dir>', 'directory of the run; runs/ID unless said')
    .option('--within <duration>', 'stop after this long', duration)
    .action(start);
}

async function start(flags: { profile: string; out?: string; within?: number }): Promise<void> {
  const { down, up } = await import('../../reference/index.ts');
  const directory = mkdtempSync(join(tmpdir(), 'shakedown-start-'));
  // A signal during the start-up must not leave half a deployment behind; during the run the run itself handles it.
  const cutOff = () => void down(directory).finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cutOff);
  try {
    note('booting the reference deployment');
    const { environmentFile } = await up({ directory, log: note, endWithCaller: true });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cutOff);
    const environment = environmentFrom(environmentFile);
    const selection = select(gateSuites, {
      gate: true,
      only: [],
      waived: new Set(environment.waivers.map((waiver) => waiver.check)),
    });
    const result = await run({
      environment,
      profile: flags.profile,
      selection,
      ...(flags.out ? { out: flags.out } : {}),
      earlyStop: true,
      withinMs: flags.within ?? null,
      progress: progressFor(terminal()),
    });
    printFinished(result);
  } finally {
    await down(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}
