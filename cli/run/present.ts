import { join, relative } from 'node:path';
import { consoleSummary } from '../../reporters/index.ts';
import type { Report } from '../../verdict/types.ts';
import { complain, print, terminal } from '../output.ts';
import type { RunResult } from './run.ts';

/** The summary on stdout, what went wrong on our side on stderr, and the exit code. */
export function printFinished(result: RunResult): void {
  printReport(result.report, join(result.directory, 'report.html'));
  for (const trouble of result.trouble) complain(trouble);
  process.exitCode = result.exitCode;
}

export function printReport(report: Report, file: string | null): void {
  const { colour, width } = terminal(process.stdout);
  print(consoleSummary(report, { colour, width, ...(file ? { reportFile: shortest(file) } : {}) }).trimEnd());
}

/** As a person would type it from here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length && !fromHere.startsWith('../..') ? fromHere : path;
}
