import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

export const dataParts = ['postgres', 'redis', 'livekit'] as const;

/** A path of this test run's own, without anything there yet. */
export const freshDirectory = () => join(tmpdir(), `shakedown-test-${randomBytes(6).toString('hex')}`);

/** Living processes with any trace of the directory: in their arguments, environment or working directory. Independent of the code under test. */
export function processesOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => !isZombie(pid))
    .filter((pid) =>
      [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`), link(`/proc/${pid}/cwd`)].some((text) =>
        text.includes(directory),
      ),
    )
    .map(Number);
}

/** Memory that outlives processes: POSIX objects, and System V segments that nobody is attached to. */
export function sharedMemory(): string[] {
  const segments = read('/proc/sysvipc/shm')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  const abandoned = segments.filter((fields) => fields[6] === '0').map((fields) => `segment ${fields[1]}`);
  return [...readdirSync('/dev/shm'), ...abandoned];
}

const isZombie = (pid: string) => /\) [ZX] /.test(read(`/proc/${pid}/stat`));

/** A process that calls `up` and may be killed at any moment. */
export function upInAnotherProcess(
  directory: string,
  only: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: { readonly endWithCaller?: boolean } = {},
) {
  const script = `const { up } = await import(${JSON.stringify(join(import.meta.dirname, '../../reference/index.ts'))});
    await up({ ...${JSON.stringify({ directory, only, ...options })}, log: console.log });
    ${options.endWithCaller ? 'setInterval(() => {}, 60_000);' : ''}`;
  return spawn(join(import.meta.dirname, '../../node_modules/.bin/node'), ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
}

export async function connected<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export const isThere = existsSync;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
