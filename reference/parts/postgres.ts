import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { migrations } from '../database/migrate.ts';
import { buildSchema, databaseUrl, setPasswords, withClient } from '../database/provision.ts';
import type { Plan } from '../plan.ts';
import { isAlive, launch, logFile, markedEnvironment, type ProcessIdentity, type StopStep, stop } from './processes.ts';
import { closedAncestor, postgresBase, postgresIdentity, templateCache, tools } from './tools.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint. SIGQUIT does without. */
export const postgresStop: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 2_000 },
  { signal: 'SIGQUIT', waitMs: 500 },
];

/** Copies a ready cluster, or builds one for the next time, and starts it with this deployment's own passwords. */
export async function bootPostgres(plan: Plan): Promise<void> {
  prepareFolders(plan.directory);
  await putBinariesInReach(plan.directory);
  const template = await templateFor(plan);
  await copyTree(join(template, 'data'), dataDirectory(plan.directory), plan.directory);
  await startPostgres(plan);
  await setPasswords(readFileSync(join(template, 'password'), 'utf8'), plan.passwords, plan.ports.postgres!);
}

/** `options` are settings of the server: `{ max_connections: '20' }`. */
export async function startPostgres(
  plan: Plan,
  options: Readonly<Record<string, string>> = {},
): Promise<ProcessIdentity> {
  const server = launchServer(plan, options);
  await until('postgres', () => answers(plan.ports.postgres!), { giveUp: () => !isAlive(server) });
  return server;
}

const dataDirectory = (directory: string) => join(postgresBase(directory), 'data');

/** The server's user id may enter here and read nothing else. */
function prepareFolders(directory: string): void {
  const base = postgresBase(directory);
  // Not recursive: in a folder that everybody may write to, what is there already is not ours.
  mkdirSync(base, { mode: 0o700 });
  const identity = postgresIdentity();
  if (!identity) return;
  chownSync(base, identity.uid, identity.gid);
  if (dirname(base) === directory) {
    chownSync(directory, 0, identity.gid);
    chmodSync(directory, 0o710);
  }
  const closed = closedAncestor(dirname(base), identity.gid);
  if (closed)
    throw new Error(
      `PostgreSQL must not run as root, and user id ${identity.uid} cannot enter ${closed}; choose another directory`,
    );
}

/** A tool cache under root's closed home is out of reach for the server's user id: then it gets a copy in its own folder. */
async function putBinariesInReach(directory: string): Promise<void> {
  const identity = postgresIdentity();
  const { postgres } = tools();
  if (identity && closedAncestor(postgres, identity.gid))
    await copyTree(postgres, join(postgresBase(directory), 'install'), directory);
}

function binary(directory: string, name: string): string {
  const own = join(postgresBase(directory), 'install', 'bin', name);
  return existsSync(own) ? own : join(tools().postgres, 'bin', name);
}

function launchServer({ directory, ports }: Plan, options: Readonly<Record<string, string>>): ProcessIdentity {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(ports.postgres),
    // No socket file: nothing outside the directory, and no limit on the length of its path.
    unix_socket_directories: '',
    // Likewise for shared memory, which would lie in /dev/shm and outlive a killed server.
    dynamic_shared_memory_type: 'mmap',
    shared_preload_libraries: 'pg_stat_statements',
    max_connections: '200',
    // Disposable data: a crash of the machine may cost it, a crash of the server does not.
    fsync: 'off',
    log_line_prefix: '%m [%p] %q%u@%d ',
    ...options,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return launch({
    directory,
    name: 'postgres',
    command: binary(directory, 'postgres'),
    args: ['-D', dataDirectory(directory), ...args],
    cwd: postgresBase(directory),
    identity: postgresIdentity(),
  });
}

/** A wrong password is an answer too, and the only one that needs to know none. */
async function answers(port: number): Promise<boolean | string> {
  try {
    await withClient(databaseUrl('postgres', 'not-the-password', port), async () => undefined);
    return true;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code === '28P01' || message;
  }
}

/** One initialised cluster per schema, server and user id, kept in the tool cache: copying it takes a tenth of making it. */
async function templateFor(plan: Plan): Promise<string> {
  const template = join(templateCache(), templateKey());
  if (existsSync(template)) {
    utimesSync(template, new Date(), new Date());
    return template;
  }
  const password = randomBytes(24).toString('hex');
  await initialise(plan.directory, password);
  const server = await startPostgres(plan);
  await buildSchema(password, plan.ports.postgres!);
  await stop(server, postgresStop);
  await publish(plan.directory, password, template);
  rmSync(dataDirectory(plan.directory), { recursive: true, force: true });
  return template;
}

function templateKey(): string {
  const hash = createHash('sha256').update(
    JSON.stringify([tools().postgres, postgresIdentity(), process.getuid?.(), 1]),
  );
  hash.update(readFileSync(new URL('../database/provision.ts', import.meta.url)));
  for (const { version, checksum } of migrations()) hash.update(`${version}:${checksum}`);
  return hash.digest('hex').slice(0, 16);
}

async function initialise(directory: string, password: string): Promise<void> {
  const identity = postgresIdentity();
  const base = postgresBase(directory);
  const passwordFile = join(base, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (identity) chownSync(passwordFile, identity.uid, identity.gid);
  const args = [
    '-D',
    dataDirectory(directory),
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  await run(binary(directory, 'initdb'), args, {
    cwd: base,
    env: markedEnvironment(directory),
    ...identity,
  }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`initdb failed: ${error.stderr?.trim() || error.message}; see ${logFile(directory, 'postgres')}`);
  });
  rmSync(passwordFile);
}

/** Renamed into place at the end, so that nobody copies a half-written one. */
async function publish(directory: string, password: string, template: string): Promise<void> {
  mkdirSync(templateCache(), { recursive: true, mode: 0o700 });
  removeAbandoned();
  const building = mkdtempSync(join(templateCache(), `.${basename(template)}-`));
  await copyTree(dataDirectory(directory), join(building, 'data'), directory);
  writeFileSync(join(building, 'password'), password, { mode: 0o600 });
  try {
    renameSync(building, template);
  } catch (error) {
    // Another deployment was faster; its template is as good, and this one's password goes with this one.
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
}

const hourMs = 3_600_000;

/** What an `up` that was killed left half-written in the cache, and templates that nobody has used for a month. */
function removeAbandoned(): void {
  for (const name of readdirSync(templateCache())) {
    const path = join(templateCache(), name);
    const limitMs = name.startsWith('.') ? hourMs : 30 * 24 * hourMs;
    if (Date.now() - statSync(path).mtimeMs > limitMs) rmSync(path, { recursive: true, force: true });
  }
}

/** `cp` keeps owner and mode, and copies by reference where the file system can. */
async function copyTree(from: string, to: string, directory: string): Promise<void> {
  await run('cp', ['-a', '--reflink=auto', from, to], { env: markedEnvironment(directory) });
}
