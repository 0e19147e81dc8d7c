import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { searchCanaries } from '../../environment/canary.ts';
import { fileReporters } from '../../reporters/index.ts';
import type { Report } from '../../verdict/types.ts';
import { exitCodes } from '../errors.ts';
import { judgeRecord, recordIn } from './read.ts';

export interface Finished {
  readonly report: Report;
  readonly exitCode: number;
  /** What went wrong on our side while finishing; each makes the exit code 70. */
  readonly trouble: readonly string[];
}

/** Judges the record on the disk, not what is in memory: what a later `judge` would see is what is reported now. */
export async function finish(directory: string, secrets: readonly string[]): Promise<Finished> {
  const { report } = judgeRecord(recordIn(directory));
  const trouble = [...writeReports(directory, report), ...(await leaks(directory, secrets))];
  return { report, exitCode: trouble.length > 0 ? exitCodes.ours : report.exitCode, trouble };
}

/** A report that cannot be written is said; the verdict stands in the record and can be rendered again elsewhere. */
export function writeReports(directory: string, report: Report): string[] {
  const trouble: string[] = [];
  for (const file of fileReporters.flatMap((reporter) => reporter.render(report))) {
    try {
      writeFileSync(join(directory, file.path), file.text, { mode: 0o600 });
    } catch (error) {
      trouble.push(`${file.path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return trouble;
}

/** A file that could not be read to its end is no better than a leak: nothing is known about it. */
async function leaks(directory: string, secrets: readonly string[]): Promise<string[]> {
  const found = await searchCanaries(directory, secrets);
  const at = (file: string) => join(directory, file);
  return [
    ...found.leaks.map(
      ({ file, offset }) => `a secret of the environment file stands in ${at(file)} at byte ${offset}`,
    ),
    ...found.unread.map(({ file, why }) => `${at(file)} could not be searched for secrets: ${why}`),
  ];
}
