import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../record/entries.ts';
import { foldRecord } from '../../record/reader.ts';
import type { Soaking } from './soaking.ts';

/** A soak in a process of its own that can be ended at any moment. */
export interface Process {
  readonly pid: number;
  readonly startedAtMs: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

const script = fileURLToPath(new URL('./soaking.ts', import.meta.url));

export function startSoaking(soaking: Soaking): Process {
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(soaking)], {
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (bytes) => {
    said += bytes;
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, said }));
  });
  return { pid: child.pid!, startedAtMs: Date.now(), kill: (signal) => void child.kill(signal), ended };
}

/** What is in a record now; nothing when there is not even a whole first line. */
export function entriesIn(directory: string): Entry[] {
  const entries: Entry[] = [];
  try {
    foldRecord(join(directory, 'run.ndjson'), (entry) => entries.push(entry));
  } catch {
    // A record that is just being begun, or is being put in parts at this very moment.
  }
  return entries;
}

export async function until(is: () => boolean, withinMs: number, what: string): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) if (is()) return;
  throw new Error(`${what} did not come within ${withinMs / 1000} s`);
}

export const slotsIn = (directory: string): number =>
  entriesIn(directory).filter(({ kind }) => kind === 'measurement').length;
