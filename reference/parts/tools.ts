import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory, findPgbouncer, root, type ToolPaths, toolPaths } from '../../setup/tools.mjs';

/** What the reference deployment runs, from where set-up put it; each path may be given by the environment instead. */
export type Tools = Pick<ToolPaths, 'livekitServer' | 'postgres' | 'redisServer' | 'pgbouncer'>;

const overrides = {
  livekitServer: 'SHAKEDOWN_LIVEKIT_SERVER',
  postgres: 'SHAKEDOWN_POSTGRES',
  redisServer: 'SHAKEDOWN_REDIS_SERVER',
} as const;

export function tools(): Tools {
  const given = Object.fromEntries(Object.entries(overrides).map(([tool, name]) => [tool, process.env[name]]));
  const complete = Object.values(given).every((path) => path !== undefined);
  const pgbouncer = process.env.SHAKEDOWN_PGBOUNCER ?? findPgbouncer();
  const found = { ...(complete ? {} : toolPaths()), ...dropUndefined(given), pgbouncer } as unknown as Tools;
  for (const [tool, path] of Object.entries(found))
    if (typeof path === 'string' && !existsSync(path))
      throw new Error(`${tool}: expected a file at ${path}, found none; run set-up again`);
  return found;
}

export const checkout = root;

export function templateCache(): string {
  return join(cacheDirectory(), 'templates');
}

/** Compiled once and not by each of five processes that start at the same time. */
export function compileCache(): string {
  return join(cacheDirectory(), 'compiled');
}

/** The sources are TypeScript, which Node runs as it stands from 24 on. */
export function nodeBinary(): string {
  const own = Number(process.versions.node.split('.')[0]) >= 24;
  return own ? process.execPath : join(root, 'node_modules', '.bin', 'node');
}

/** PostgreSQL refuses to run as root, so root lends it the id of nobody. */
export function postgresIdentity(): { uid: number; gid: number } | null {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;
}

/** Where the server may keep its files: in the deployment's directory, or beside the others where root's own cannot be entered. */
export function postgresBase(directory: string): string {
  const [inside, outside] = postgresBases(directory);
  const identity = postgresIdentity();
  return identity && closedAncestor(dirname(directory), identity.gid) ? outside : inside;
}

export function postgresBases(directory: string): readonly [inside: string, outside: string] {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  return [join(directory, 'postgres'), join(tmpdir(), `shakedown-postgres-${name}`)];
}

/** The topmost folder above `path` that somebody else cannot enter, or null. */
export function closedAncestor(path: string, gid: number): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : closedAncestor(parent, gid);
  if (above) return above;
  const { mode, gid: group } = statSync(path);
  const enterable = (mode & 0o001) !== 0 || (group === gid && (mode & 0o010) !== 0);
  return enterable ? null : path;
}

function dropUndefined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
