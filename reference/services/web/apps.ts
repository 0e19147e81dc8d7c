import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, root } from '../../../setup/tools.mjs';
import type { Site } from '../common/config.ts';

/**
 * Sites that are React applications. Vite builds each once per content of its sources, of the packages' lock file and of
 * the builder, into a cache outside the checkout; what is built already costs the reading of some forty small files.
 */
const sites = join(import.meta.dirname, 'sites');
const builder = join(import.meta.dirname, 'vite.ts');
const longestBuildMs = 180_000;

export const isApp = (site: Site): boolean => existsSync(join(sites, site, 'main.tsx'));

/** Builds those applications that are not built yet. Throws a sentence that names the application and what Vite said. */
export async function buildApps(log: (line: string) => void): Promise<void> {
  const all: readonly Site[] = ['landing', 'dashboard', 'meeting', 'widget'];
  // One after the other: two at once take as long, and twice the memory.
  for (const site of all.filter(isApp)) await buildApp(site, log);
}

/** Where an application's files lie once it is built. */
export function appDirectory(site: Site): string {
  const sources = [...filesBelow(join(sites, site)), ...filesBelow(join(sites, 'shared'))];
  const hash = createHash('sha256');
  for (const path of [...sources, builder, join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update(readFileSync(path));
  return join(cacheDirectory(), 'sites', `${site}-${hash.digest('hex').slice(0, 16)}`);
}

async function buildApp(site: Site, log: (line: string) => void): Promise<void> {
  const directory = appDirectory(site);
  if (existsSync(directory)) return;
  const began = Date.now();
  const parent = join(cacheDirectory(), 'sites');
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  // Built beside its place and renamed, so that a build that was cut off leaves nothing half done.
  const building = mkdtempSync(join(parent, `.${site}-`));
  try {
    await runVite(site, join(sites, site), building);
    publish(building, directory);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  log(`reference: built the ${site} application in ${Date.now() - began} ms`);
}

/** In a process of its own: Vite changes the environment of the process it runs in, and needs not stay in memory. */
export async function runVite(name: string, sources: string, target: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', builder, sources, target], {
      timeout: longestBuildMs,
      env: { PATH: process.env.PATH, NODE_ENV: 'production', NO_COLOR: '1' },
    });
  } catch (error) {
    const { killed, stderr, message } = error as { killed?: boolean; stderr?: string; message: string };
    const why = killed ? `it took longer than ${longestBuildMs / 1000} s` : stderr?.trim() || message;
    throw new Error(`the ${name} application could not be built: ${why}`);
  }
}

function publish(building: string, directory: string): void {
  try {
    renameSync(building, directory);
  } catch (error) {
    // Another boot was faster: its result is as good.
    if (!existsSync(directory)) throw error;
  }
}

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
