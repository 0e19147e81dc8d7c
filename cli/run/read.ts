import { join } from 'node:path';
import type { Entry } from '../../record/entries.ts';
import { foldRecord, type RecordEnd } from '../../record/reader.ts';
import { recordName } from '../../record/writer.ts';
import { type JudgeOptions, Judging } from '../../verdict/judge.ts';
import type { Report } from '../../verdict/types.ts';

/**
 * Judges a record on the disk, an entry at a time, so that one of 48 h fits.
 * @throws RecordError when the record was changed after it was written, or is none.
 */
export function judgeRecord(
  file: string,
  options: JudgeOptions & { readonly complete?: (entry: Entry) => Entry } = {},
): { readonly report: Report; readonly torn: RecordEnd['torn'] } {
  const judging = new Judging(options);
  const { complete } = options;
  const { torn } = foldRecord(file, (entry) => judging.add(complete ? complete(entry) : entry));
  return { report: judging.report(), torn };
}

export const recordIn = (directory: string): string => join(directory, recordName);
