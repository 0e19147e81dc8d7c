import { join } from 'node:path';
import { judgeRecord } from '../../cli/run/read.ts';

/** Status of every check of a record by the bytes that are there; null: there is no whole first line. */
export function statusesOf(directory: string): Readonly<Record<string, string>> | null {
  try {
    const { report } = judgeRecord(join(directory, 'run.ndjson'));
    const checks = report.checks.flatMap(({ id, status, assertions }) => [
      [id, status] as const,
      ...assertions.map((row) => [`${id} ${row.name}`, `${row.status}: ${row.why}`] as const),
    ]);
    return { verdict: report.verdict, ...Object.fromEntries(checks) };
  } catch (error) {
    if (error instanceof Error && error.name === 'RecordError') return null;
    throw error;
  }
}

/** In a process of its own: `node statuses.ts DIRECTORY…` prints one line of JSON for each. */
if (import.meta.main)
  for (const directory of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(statusesOf(directory))}\n`);
