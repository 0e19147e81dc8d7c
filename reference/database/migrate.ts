import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

export function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { version: Number(file.slice(0, 4)), name: file.slice(5, -4), sql, checksum };
    });
}

/** Applies what is missing, each in a transaction of its own, and refuses to go on over one that was changed afterwards. */
export async function migrate(client: Client, all: readonly Migration[] = migrations()): Promise<number> {
  await client.query(bookkeeping);
  const { rows } = await client.query<{ version: number; checksum: string }>(
    'SELECT version, checksum FROM migrations.schema_migrations',
  );
  const applied = new Map(rows.map(({ version, checksum }) => [version, checksum]));
  let count = 0;
  for (const migration of all) {
    const before = applied.get(migration.version);
    if (before === undefined) count += await apply(client, migration);
    else if (before !== migration.checksum)
      throw new Error(`migration ${migration.version} ${migration.name} was changed after it was applied`);
  }
  return count;
}

const bookkeeping = `
  CREATE SCHEMA IF NOT EXISTS migrations;
  CREATE TABLE IF NOT EXISTS migrations.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

async function apply(client: Client, { version, name, sql, checksum }: Migration): Promise<number> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('RESET ROLE');
    await client.query('INSERT INTO migrations.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
      version,
      name,
      checksum,
    ]);
    await client.query('COMMIT');
    return 1;
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`migration ${version} ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
