import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Entry } from '../../record/entries.ts';
import { partsOf } from '../../record/parts.ts';
import { RecordError } from '../../record/reader.ts';
import { recordName } from '../../record/writer.ts';
import { json } from '../../reporters/json.ts';
import { checkById } from '../../suites/index.ts';
import type { Report } from '../../verdict/types.ts';
import { UsageError } from '../errors.ts';
import { print } from '../output.ts';
import { writeReports } from '../run/finish.ts';
import { printReport } from '../run/present.ts';
import { judgeRecord } from '../run/read.ts';
import { profile } from './suites.ts';

interface Flags {
  readonly profile?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `judge` says the verdict of a finished run again; `report` writes its files again. Neither touches the network. */
export function addJudgeCommands(program: Command): void {
  program
    .command('judge <run>')
    .description('judge a record again, by default under its own profile')
    .option('--profile <name>', 'another target profile', profile)
    .option('--json', 'print report.json instead of the summary')
    .action((path: string, flags: Flags) => {
      const report = judgeAt(path, flags.profile);
      if (flags.json) print(json.render(report)[0]!.text.trimEnd());
      else printReport(report, null);
      process.exitCode = report.exitCode;
    });
  program
    .command('report <run>')
    .description('write the reports of a record again')
    .option('--profile <name>', 'another target profile', profile)
    .option('--out <dir>', 'where to; the directory of the record unless said')
    .action((path: string, flags: Flags) => {
      const report = judgeAt(path, flags.profile);
      const directory = resolve(flags.out ?? dirname(recordAt(path)));
      makeDirectory(directory);
      const trouble = writeReports(directory, report);
      if (trouble.length > 0) throw new UsageError(trouble.join('\n'));
      printReport(report, join(directory, 'report.html'));
      process.exitCode = report.exitCode;
    });
}

/** @throws UsageError when there is no record, or one that was changed after it was written. */
function judgeAt(path: string, profileName: string | undefined): Report {
  const file = recordAt(path);
  try {
    const { report, torn } = judgeRecord(file, {
      complete: completed,
      ...(profileName ? { profile: profileName } : {}),
    });
    if (torn) print(`${file}: the last line (${torn.line}, ${torn.bytes} bytes) is torn off and was left out`);
    return report;
  } catch (error) {
    if (error instanceof RecordError || (error instanceof Error && error.name === 'RecordError'))
      throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** A plan that names its assertions alone takes their targets from the table: the record's own word comes first. */
function completed(entry: Entry): Entry {
  if (entry.kind !== 'plan' || entry.targets) return entry;
  const check = checkById.get(entry.check);
  const targets = entry.assertions.flatMap((name) => {
    const target = check?.assertions[name]?.target;
    return target ? [[name, target] as const] : [];
  });
  return {
    ...entry,
    claim: entry.claim ?? check?.claim,
    ...(targets.length > 0 ? { targets: Object.fromEntries(targets) } : {}),
  };
}

function recordAt(path: string): string {
  if (!existsSync(path))
    throw new UsageError(`${path}: expected the directory of a run or its ${recordName}, found nothing`);
  const file = statSync(path).isDirectory() ? join(path, recordName) : path;
  if (partsOf(file).length === 0) throw new UsageError(`${path}: expected a ${recordName} in it, found none`);
  return file;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      `${directory}: expected a directory that can be written, found ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
