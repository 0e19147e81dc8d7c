import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { isAlive, ownIdentity, readIdentity } from './parts/processes.ts';
import { postgresBases } from './parts/tools.ts';

/** One per user and machine unless another is named; nothing of a deployment lies anywhere else. */
export const defaultDirectory = () =>
  join(
    process.env.XDG_RUNTIME_DIR && process.getuid?.() !== 0 ? process.env.XDG_RUNTIME_DIR : tmpdir(),
    `shakedown-reference-${process.getuid?.() ?? 'user'}`,
  );

/** Without symbolic links above it, because the kernel names a process's folder that way too. */
export function absolute(directory: string | undefined): string {
  const path = resolve(directory ?? defaultDirectory());
  return exists(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path;
}

const ownerFile = (directory: string) => join(directory, 'up.json');

/** Makes the directory ours: closed to others, and with this process written down as the one that boots. */
export function claim(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseForeign(directory);
  if (!isEmpty(directory))
    throw new Error(`expected ${directory} to be empty or a deployment's own, found other files in it`);
  chmodSync(directory, 0o700);
  try {
    writeFileSync(ownerFile(directory), JSON.stringify(ownIdentity()), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`another "up" is at work in ${directory}`);
  }
  for (const folder of ['logs', 'processes', 'tls', 'tmp'])
    mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
}

/** In a folder that everybody may write to, somebody else may have made it first. */
function refuseForeign(directory: string): void {
  const found = lstatSync(directory);
  const ours = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  if (!ours)
    throw new Error(
      `expected ${directory} to be our own directory, found ${found.isDirectory() ? "another user's" : 'something else'}`,
    );
}

export function release(directory: string): void {
  rmSync(ownerFile(directory), { force: true });
}

/** The id of another living process that is booting a deployment here. */
export function bootingBy(directory: string): number | null {
  const owner = readIdentity(ownerFile(directory));
  return owner && isAlive(owner) && owner.pid !== process.pid ? owner.pid : null;
}

export const isEmpty = (directory: string) => readdirSync(directory).length === 0;

export function remove(directory: string): void {
  for (const path of [...postgresBases(directory), directory])
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

export function exists(directory: string): boolean {
  try {
    lstatSync(directory);
    return true;
  } catch {
    return false;
  }
}
