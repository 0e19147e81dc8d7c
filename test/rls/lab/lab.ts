import { openDatabase } from '../../../probes/postgres.ts';
import { proveIsolation, type RlsReport } from '../../../probes/rls/index.ts';
import { withClient } from '../../../reference/database/provision.ts';
import { environmentWith } from '../../smoke-data/environment.ts';
import type { Base } from './bases.ts';

export interface Lab {
  /** A database with the base and the change in it, looked at as the application's role. */
  look(name: string, base: Base, sql: string): Promise<RlsReport>;
  /** The same database for whoever else looks at it: its address, and the role's name. */
  within<T>(name: string, base: Base, sql: string, work: (url: string, role: string) => Promise<T>): Promise<T>;
}

/** Each variant gets a database and a role of its own; both are gone afterwards. */
export function labOn(adminUrl: string): Lab {
  const urlOf = (database: string) => {
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    return url.href;
  };
  const within: Lab['within'] = async (name, base, sql, work) => {
    const role = `app_${name}`;
    const filled = (text: string) => text.replaceAll('ROLE', role);
    await withClient(adminUrl, async (client) => {
      await client.query(`create database lab_${name} template template1`);
      await client.query(`create role ${role} login`);
    });
    try {
      await withClient(urlOf(`lab_${name}`), async (client) => {
        await client.query(filled(base.sql));
        await client.query(filled(sql));
      });
      return await work(urlOf(`lab_${name}`), role);
    } finally {
      await clean(adminUrl, name);
    }
  };
  return { within, look: (name, base, sql) => within(name, base, sql, prove) };
}

async function prove(url: string, role: string): Promise<RlsReport> {
  const database = await openDatabase(url, { environment: environmentWith({ appUrl: url, timeoutMs: 60_000 }) });
  try {
    return await proveIsolation(database, { role });
  } finally {
    await database.close();
  }
}

const clean = (adminUrl: string, name: string) =>
  withClient(adminUrl, async (client) => {
    await client.query(`drop database lab_${name} with (force)`);
    const { rows } = await client.query<{ rolname: string }>(
      `select rolname from pg_roles where rolname = 'app_${name}' or rolname like 'app\\_${name}\\_%' order by length(rolname) desc`,
    );
    for (const { rolname } of rows) await client.query(`drop role "${rolname}"`);
  });
