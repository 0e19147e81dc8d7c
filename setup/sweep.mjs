import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './tools.mjs';

/**
 * Takes down the reference deployments that tests of this checkout booted since then and were interrupted over: the runner of
 * the tests ends its workers before they can. Those of somebody else, or in a place of their own, are left alone.
 */
export function sweep(sinceMs) {
  for (const directory of new Set(servicesRunning())) {
    if (!directory.startsWith(join(tmpdir(), 'shakedown-')) || bornMs(directory) < sinceMs) continue;
    const down = [join(root, 'cli', 'main.ts'), 'reference', 'down', '--dir', directory];
    spawnSync(join(root, 'node_modules', '.bin', 'node'), down, { cwd: root, stdio: 'ignore' });
  }
}

/** The directories of all reference deployments of this checkout that run: a service is started with the file of its configuration. */
function servicesRunning() {
  return readdirSync('/proc').flatMap((pid) => {
    const words = /^\d+$/.test(pid) ? commandOf(pid) : [];
    const at = words.findIndex((word) => word.startsWith(join(root, 'reference', 'services')));
    const config = at < 0 ? undefined : words[at + 1];
    return config === undefined ? [] : [dirname(config)];
  });
}

function commandOf(pid) {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
  } catch {
    return [];
  }
}

function bornMs(directory) {
  try {
    const { birthtimeMs, ctimeMs } = statSync(directory);
    // Not every file system knows it.
    return birthtimeMs || ctimeMs;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}
