import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { initialEnvironment } from '../../environment/init.ts';
import { UsageError } from '../errors.ts';
import { note } from '../output.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init [file]')
    .description('write a commented environment file to start from')
    .action((file = 'environment.yaml') => {
      try {
        writeFileSync(file, initialEnvironment(), { flag: 'wx', mode: 0o600 });
      } catch (error) {
        const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
        throw new UsageError(
          exists
            ? `${file}: it exists already; name another file`
            : `${file}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      note(`wrote ${file}; fill it in, then try: shakedown doctor --env ${file}`);
    });
}
