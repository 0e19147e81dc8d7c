import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBases } from './tools.ts';

/**
 * PostgreSQL holds one System V segment as a lock on its data directory. A server that was killed leaves it behind, and its
 * number in `postmaster.pid`; nobody else would ever remove it.
 */
export function removeSharedMemory(directory: string): void {
  for (const base of postgresBases(directory)) {
    const segment = segmentOf(join(base, 'data', 'postmaster.pid'));
    if (segment !== null && isUnused(segment)) execFileSync('ipcrm', ['-m', segment], { stdio: 'ignore' });
  }
}

/** Line 7 holds the key and the number of the segment. */
function segmentOf(file: string): string | null {
  const line = readOrNothing(file).split('\n')[6]?.trim().split(/\s+/);
  return line?.[1] ?? null;
}

/** Also false when it is gone already. */
function isUnused(segment: string): boolean {
  const rows = readOrNothing('/proc/sysvipc/shm').split('\n').slice(1);
  const row = rows.map((text) => text.trim().split(/\s+/)).find((fields) => fields[1] === segment);
  return row?.[6] === '0';
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
