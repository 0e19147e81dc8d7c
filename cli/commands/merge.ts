import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { mergeRecords } from '../../record/merge.ts';
import { partsOf } from '../../record/parts.ts';
import { RecordError, readRecord } from '../../record/reader.ts';
import { recordName } from '../../record/writer.ts';
import { UsageError } from '../errors.ts';
import { finish } from '../run/finish.ts';
import { printReport } from '../run/present.ts';

/** Several records of one environment, revision and profile (shards, segments) as one, judged as one. */
export function addMergeCommand(program: Command): void {
  program
    .command('merge <runs...>')
    .description('merge the records of several runs into one and judge it')
    .requiredOption('--out <dir>', 'directory of the merged run')
    .action(async (paths: string[], { out }: { out: string }) => {
      const directory = resolve(out);
      if (existsSync(join(directory, recordName)))
        throw new UsageError(`${out}: expected a directory without a run in it, found ${recordName}`);
      const lines = mergedLines(paths);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeFileSync(join(directory, recordName), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
      for (const path of paths) copyEvidence(path, directory);
      const { report, exitCode } = await finish(directory, []);
      printReport(report, join(directory, 'report.html'));
      process.exitCode = exitCode;
    });
}

/** The notes of a record name files beside it. */
function copyEvidence(path: string, to: string): void {
  const from = join(statSync(path).isDirectory() ? path : dirname(path), 'evidence');
  if (existsSync(from)) cpSync(from, join(to, 'evidence'), { recursive: true, force: false });
}

function mergedLines(paths: readonly string[]): string[] {
  try {
    return mergeRecords(
      paths.map((path) => readRecord(partsOf(join(path, recordName)).length > 0 ? join(path, recordName) : path)),
    );
  } catch (error) {
    if (error instanceof RecordError) throw new UsageError(error.message);
    throw error;
  }
}
