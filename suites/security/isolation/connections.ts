import { randomUUID } from 'node:crypto';
import { quoted } from '../../../probes/catalogue.ts';
import { type Ask, type Database, DatabaseFailure } from '../../../probes/postgres.ts';
import { isNobody } from '../../../probes/tenant-context.ts';
import type { BodyContext } from '../../../runners/body.ts';
import type { Look } from './look.ts';

/** What may have happened on a connection before the next tenant gets it. */
export interface Situation {
  /** `after a roll-back`: names the cells. */
  readonly name: string;
  readonly assertion: 'fresh' | 'reused' | 'pooler';
}

/** A table with rows of tenants that the app's role may read, and the column that says whose, where it has one. */
export interface Place {
  readonly label: string;
  readonly sql: string;
  readonly column: string | null;
}

export async function placesOf(app: Database, { report }: Look): Promise<readonly Place[]> {
  const rows = await app.rows(
    `select n.nspname::text as schema, c.relname::text as name, (select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attname = $2 and not a.attisdropped) as column
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname || '.' || c.relname = any ($1) and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') order by 1, 2`,
    [report.tenantTables, report.tenantColumn],
  );
  return rows.map((row) => ({
    label: `${row.schema}.${row.name}`,
    sql: quoted(String(row.schema), String(row.name)),
    column: row.column === null ? null : String(row.column),
  }));
}

/** Between two uses a connection knows no tenant and shows nobody's rows. */
export async function judgeConnection(
  context: BodyContext,
  connection: Database,
  setting: string,
  places: readonly Place[],
  { name, assertion }: Situation,
): Promise<void> {
  const [row] = await connection.bare('select current_setting($1, true) as tenant', [setting]);
  const seen = { expected: 'no tenant', observed: `${name}: ${isNobody(row?.tenant) ? 'no tenant' : 'a tenant'}` };
  if (row && isNobody(row.tenant)) context.holds(assertion, seen);
  else
    context.breaks(
      assertion,
      `${name}, a connection has a tenant before anybody said whose turn it is (${setting})`,
      seen,
    );
  await connection.undone((ask) => judgePlaces(context, ask, places, name), 'read only');
}

/** Nobody's turn shows nobody's rows, in any of the places. */
export async function judgePlaces(
  context: BodyContext,
  ask: Ask,
  places: readonly Place[],
  situation: string,
): Promise<void> {
  for (const place of places) await judgePlace(context, ask, place, situation);
}

async function judgePlace(context: BodyContext, ask: Ask, place: Place, situation: string): Promise<void> {
  const cell = `${place.label}, ${situation}`;
  const outcome = await look(ask, place);
  if (outcome === 'rows')
    context.breaks(
      'cells',
      `${situation}, without a tenant, a connection of the app's role reads rows of ${place.label}`,
      { cell },
    );
  else context.holds('cells', { cell, observed: outcome });
}

async function look(ask: Ask, { sql, column }: Place): Promise<string> {
  await ask('savepoint sd_look');
  try {
    // A row with no tenant in its tenant column belongs to nobody; whether it may be for all is looked at with rows of our own.
    const rows = await ask(
      `select 1 from ${sql}${column === null ? '' : ` where ${quoted(column)} is not null`} limit 1`,
    );
    return rows.length > 0 ? 'rows' : 'no rows';
  } catch (error) {
    // Classes 42 and 22: no privilege, or a policy that raises without a tenant. Anything else was no answer.
    if (error instanceof DatabaseFailure && /^(42|22|P0)/.test(error.code ?? '')) return 'an error instead of rows';
    throw error;
  } finally {
    await ask('rollback to savepoint sd_look');
  }
}

/** One use of a connection by a tenant, and how it ended. Answers which server process served it. */
export interface Use {
  readonly name: string;
  readonly use: (connection: Database, setting: string, tenant: string) => Promise<number>;
}

export const uses: readonly Use[] = [
  {
    name: 'after a commit',
    use: (connection, setting, tenant) => transaction(connection, setting, tenant, { work: 'select 1', end: 'commit' }),
  },
  {
    name: 'after a roll-back',
    use: (connection, setting, tenant) => transaction(connection, setting, tenant, { work: 'select 1' }),
  },
  {
    name: 'after a failed statement',
    use: (connection, setting, tenant) =>
      transaction(connection, setting, tenant, { work: 'select 1 / 0', endsIn: '22012' }),
  },
  {
    name: 'after a statement that was out of time',
    use: (connection, setting, tenant) =>
      transaction(connection, setting, tenant, {
        work: 'set local statement_timeout = 30; select pg_sleep(5)',
        endsIn: '57014',
      }),
  },
];

interface Work {
  readonly work: string;
  readonly end?: 'commit' | 'rollback';
  /** SQLSTATE the work has to fail with; it must go through unless said. */
  readonly endsIn?: string;
}

async function transaction(
  connection: Database,
  setting: string,
  tenant: string,
  { work, end = 'rollback', endsIn }: Work,
): Promise<number> {
  const pid = await beginAs(connection, setting, tenant);
  try {
    await (endsIn === undefined ? connection.bare(work) : stumble(connection, work, endsIn));
    return pid;
  } finally {
    await connection.bare(end);
  }
}

/** Opens a transaction for the tenant, and answers which server process it is on. */
export async function beginAs(connection: Database, setting: string, tenant: string): Promise<number> {
  await connection.bare('begin read only');
  const [row] = await connection.bare('select set_config($1, $2, true), pg_backend_pid() as pid', [setting, tenant]);
  return Number(row?.pid);
}

async function stumble(connection: Database, work: string, code: string): Promise<void> {
  try {
    await connection.bare(work);
  } catch (error) {
    if (error instanceof DatabaseFailure && error.code === code) return;
    throw error;
  }
  throw new DatabaseFailure(`a statement that ought to have ended in ${code} went through`);
}

/** A statement that is cancelled from outside, as a proxy does for a client that has gone. */
export async function cancelled(
  connection: Database,
  other: Database,
  setting: string,
  tenant: string,
): Promise<number> {
  // Behind a pooler a connection has another server process each time, so the statement is found by its text.
  const mark = `shakedown ${randomUUID()}`;
  const work = transaction(connection, setting, tenant, { work: `select pg_sleep(5) /* ${mark} */`, endsIn: '57014' });
  const cancel = (async () => {
    for (let tries = 0; tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const [found] = await other.bare(
        `select pg_cancel_backend(pid) as gone from pg_stat_activity where query like $1 and state = 'active' and pid <> pg_backend_pid()`,
        [`%${mark}%`],
      );
      if (found?.gone === true) return;
    }
  })();
  const [pid] = await Promise.all([work, cancel]);
  return pid;
}
