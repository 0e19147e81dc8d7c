import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresBases } from './tools.ts';

/** A process is its id and the moment it began: an id alone may long be somebody else's. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startedAtTicks: string;
}

export interface Launch {
  readonly directory: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly identity?: { readonly uid: number; readonly gid: number } | null;
}

/** Every process carries it, so that one whose id could not be written down in time is found as well. */
const marker = 'SHAKEDOWN_REFERENCE_DIRECTORY';

export const processFile = (directory: string, name: string) => join(directory, 'processes', `${name}.json`);

export const logFile = (directory: string, name: string) => join(directory, 'logs', `${name}.log`);

/** Starts a part in the background, in a process group of its own, and writes down who it is. */
export function launch(part: Launch): ProcessIdentity {
  const log = openSync(logFile(part.directory, part.name), 'a', 0o600);
  try {
    const child = spawn(part.command, part.args, {
      cwd: part.cwd,
      env: { ...markedEnvironment(part.directory), ...part.env },
      stdio: ['ignore', log, log],
      detached: true,
      ...part.identity,
    });
    // The reason stands in the exit that the health probe sees; without a listener it would end the caller.
    child.on('error', (error) =>
      writeFileSync(logFile(part.directory, part.name), `${error.message}\n`, { flag: 'a' }),
    );
    child.unref();
    return remember(part.directory, part.name, child.pid);
  } finally {
    closeSync(log);
  }
}

/** Little of our own environment is passed on, and the mark always. */
export function markedEnvironment(directory: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: directory,
    TMPDIR: join(directory, 'tmp'),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    [marker]: directory,
  };
}

function remember(directory: string, name: string, pid: number | undefined): ProcessIdentity {
  if (pid === undefined) throw new Error(`${name} could not be started; see ${logFile(directory, name)}`);
  const identity = { pid, startedAtTicks: readStat(pid)?.startedAtTicks ?? 'ended' };
  const file = processFile(directory, name);
  mkdirSync(join(directory, 'processes'), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(identity), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return identity;
}

/** Every part that was ever started in this directory, alive or not. */
export function remembered(directory: string): Record<string, ProcessIdentity> {
  const folder = join(directory, 'processes');
  const files = listOrNothing(folder).filter((file) => file.endsWith('.json'));
  const entries = files.flatMap((file) => {
    const identity = readIdentity(join(folder, file));
    return identity ? [[basename(file, '.json'), identity] as const] : [];
  });
  return Object.fromEntries(entries);
}

export function readIdentity(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

export const ownIdentity = (): ProcessIdentity => ({
  pid: process.pid,
  startedAtTicks: readStat(process.pid)?.startedAtTicks ?? '',
});

/** A zombie has ended; it only waits for its parent to look. */
export function isAlive({ pid, startedAtTicks }: ProcessIdentity): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startedAtTicks === startedAtTicks && stat.state !== 'Z' && stat.state !== 'X';
}

function readStat(pid: number): { state: string; startedAtTicks: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets, so the fields are counted from behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAtTicks: fields[19] ?? '' };
  } catch {
    return null;
  }
}

export function signal(process_: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

/** Asks in the given steps, and in the end does not ask any more. */
export async function stop(process_: ProcessIdentity, steps: readonly StopStep[]): Promise<void> {
  for (const step of [...steps, { signal: 'SIGKILL', waitMs: 20_000 } as const]) {
    signal(process_, step.signal);
    if (await ended(process_, step.waitMs)) return;
  }
  throw new Error(`process ${process_.pid} does not end`);
}

async function ended(process_: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (isAlive(process_)) {
    if (Date.now() >= until) return false;
    await sleep(10);
  }
  return true;
}

/** Ends whatever still belongs to this directory, written down or not; those that can tidy up after themselves may. */
export async function sweep(directory: string): Promise<void> {
  await Promise.all(strays(directory).map((stray) => stop(stray, [{ signal: 'SIGINT', waitMs: 1_000 }])));
  const until = Date.now() + 20_000;
  for (let left = strays(directory); left.length > 0; left = strays(directory)) {
    if (Date.now() > until) throw new Error(`processes ${left.map(({ pid }) => pid).join(', ')} do not end`);
    for (const stray of left) signal(stray, 'SIGKILL');
    await sleep(20);
  }
}

/** Living processes that carry this directory's mark, except ourselves. */
export function strays(directory: string): ProcessIdentity[] {
  const pids = listOrNothing('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids
    .filter((pid) => pid !== process.pid && (isMarked(pid, directory) || isServerOf(pid, directory)))
    .flatMap((pid) => {
      const stat = readStat(pid);
      return stat ? [{ pid, startedAtTicks: stat.startedAtTicks }] : [];
    })
    .filter(isAlive);
}

function isMarked(pid: number, directory: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${marker}=${directory}`);
  } catch {
    return false;
  }
}

/** PostgreSQL and Redis write their title over their environment, but always work inside their own data folders. */
function isServerOf(pid: number, directory: string): boolean {
  const at = linkTarget(`/proc/${pid}/cwd`);
  const folders = [...postgresBases(directory).map((base) => join(base, 'data')), join(directory, 'redis')];
  // A shell that somebody left in there is not ours to end.
  return folders.includes(at) && /^(postgres|redis)/.test(basename(linkTarget(`/proc/${pid}/exe`)));
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

function listOrNothing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
