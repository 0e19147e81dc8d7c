/**
 * Where the tools are that set-up installed. Plain JavaScript, because the launcher reads it on Node 20 too.
 * Set-up writes `.tools/tools.json`; the tools themselves live in a cache outside the checkout.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const toolsFile = join(root, '.tools', 'tools.json');

/** Root's home is closed to others, and PostgreSQL refuses to run as root: its binaries must lie where another user id may enter. */
export function cacheDirectory() {
  const base = process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache');
  return join(process.env.XDG_CACHE_HOME || base, 'shakedown');
}

/**
 * What Node is started with. Left to itself it keeps some fifty megabytes for what is thrown away at once, and lets what is
 * thrown away later gather until there is as much of it as of what is needed; a soak of days shares its machine with others,
 * and its own judge called that a leak.
 */
export const nodeOptions = ['--max-semi-space-size=2', '--heap-growing-percent=50'];

/**
 * Sources that Node has compiled once are kept, so that the next process, and each of its threads, need not load a compiler of
 * TypeScript. And glibc gives each thread that asks for memory an arena of its own, up to eight a core, in which freed pieces
 * stay: over two days of records a process of flat heap grew by a third.
 */
export const nodeEnvironment = () => ({
  NODE_COMPILE_CACHE: join(cacheDirectory(), 'compiled'),
  MALLOC_ARENA_MAX: '2',
});

/** Files that decide what set-up must have done: a change in one of them asks for another set-up. */
const parts = {
  packages: ['package.json', 'package-lock.json'],
  k6: ['tools/k6'],
  livekit: ['tools/livekit'],
  postgres: ['setup/postgres.mjs'],
};

export function hashOf(part) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const name of parts[part])
    for (const file of filesOf(join(root, name))) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!readdirSafe(path)) return [path];
  return readdirSafe(path)
    .filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go'))
    .map((entry) => join(path, entry.name))
    .sort();
}

function readdirSafe(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return null;
  }
}

/** Debian puts it where only root's PATH leads. null: not installed. */
export function findPgbouncer() {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path)) ?? null;
}

/** What set-up found and built, or null when it has not run here. */
export function installed() {
  try {
    return JSON.parse(readFileSync(toolsFile, 'utf8'));
  } catch {
    return null;
  }
}

/** Paths of the tools. Throws a sentence that says what to do when set-up has not run. */
export function toolPaths() {
  const found = installed();
  if (!found) throw new Error('the tools are not installed here: run "npm start" or "node setup/setup.mjs" once');
  return found.paths;
}
