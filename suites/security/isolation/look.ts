import { EgressRefused } from '../../../environment/egress.ts';
import type { Environment } from '../../../environment/types.ts';
import { type Database, DatabaseFailure, openDatabase } from '../../../probes/postgres.ts';
import { proveIsolation, RlsRefusal, type RlsReport } from '../../../probes/rls/index.ts';
import { type Binding, bindingOf } from '../../../probes/roles.ts';
import type { BodyContext } from '../../../runners/body.ts';

/** What one look at the database found, for every check that reads it. */
export interface Look {
  readonly kind: 'look';
  readonly report: RlsReport;
  /** The role that `database.appUrl` connects as, and how it gets past row level security. */
  readonly binding: Binding;
  /** Which database of which server. */
  readonly place: string;
}

export type Looked =
  | Look
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'failed'; readonly because: string }
  | { readonly kind: 'ours'; readonly detail: string };

const looks = new WeakMap<Environment, Promise<Looked>>();

/** The checks of a run stand on one look: the environment is one and the same object for all bodies of a run. */
export function lookOnce(context: BodyContext): Promise<Looked> {
  const known = looks.get(context.environment);
  if (known) return known;
  const look = lookAt(context);
  looks.set(context.environment, look);
  return look;
}

async function lookAt(context: BodyContext): Promise<Looked> {
  try {
    return await proven(context);
  } catch (error) {
    if (context.signal.aborted) return { kind: 'unmet', needs: 'a look at the database that is not cut off' };
    if (error instanceof EgressRefused) return { kind: 'ours', detail: error.message };
    if (error instanceof RlsRefusal) return { kind: 'unmet', needs: `another database.adminUrl: ${error.message}` };
    if (!(error instanceof DatabaseFailure)) throw error;
    // What the privileged role itself may not do is a grant that is missing, and nothing about the app's role.
    if (error.code === '42501')
      return { kind: 'unmet', needs: `more privileges for database.adminUrl: ${error.message}` };
    return { kind: 'failed', because: error.message };
  }
}

async function proven(context: BodyContext): Promise<Looked> {
  const { database } = context.environment;
  const app = await whoIs(context, database.appUrl!);
  const admin = await openAdmin(context);
  try {
    if ((await placeOf(admin)) !== app.place)
      return { kind: 'unmet', needs: 'database.adminUrl of the same database as database.appUrl' };
    const unknown = await unknownAnswers(context, admin);
    if (unknown.length > 0) return { kind: 'unmet', needs: `answers under isolation that fit: ${unknown.join('; ')}` };
    return { kind: 'look', report: await prove(context, admin, app.binding.role), ...app };
  } finally {
    await admin.close();
  }
}

/** A guest waits no longer for a statement than the file says; what may be thrown away may take its time. */
export function openAdmin(context: BodyContext): Promise<Database> {
  const { environment, signal } = context;
  const { adminUrl, serviceUrl } = environment.database;
  const timeoutMs = environment.kind === 'disposable' ? Math.max(20_000, environment.timeoutMs) : environment.timeoutMs;
  return openDatabase((adminUrl ?? serviceUrl)!, { environment: { ...environment, timeoutMs }, signal });
}

async function whoIs(context: BodyContext, url: string) {
  const app = await openDatabase(url, context);
  try {
    return { binding: await bindingOf(app), place: await placeOf(app) };
  } finally {
    await app.close();
  }
}

/** The same database of the same server, whatever host name and pooler lead there. */
export async function placeOf(database: Database): Promise<string> {
  const [row] = await database.rows(
    `select pg_postmaster_start_time()::text || ' ' || oid::text as place from pg_database where datname = current_database()`,
  );
  return String(row?.place);
}

/** An answer about a table that is not there answers nothing, and a typing error must not look like one. */
async function unknownAnswers({ environment }: BodyContext, admin: Database): Promise<string[]> {
  const { tenantKeys, shared } = environment.isolation;
  const asked = [
    ...Object.entries(tenantKeys).map(([table, column]) => ({ key: 'tenantKeys', table, column })),
    ...shared.map((table) => ({ key: 'shared', table, column: null })),
  ];
  const rows = await admin.rows(
    `select n.nspname || '.' || c.relname as table, array_agg(a.attname::text) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind in ('r', 'p', 'f') and n.nspname || '.' || c.relname = any ($1) group by 1`,
    [asked.map(({ table }) => table)],
  );
  const columnsOf = new Map(rows.map((row) => [String(row.table), row.columns as readonly string[]]));
  return asked.flatMap(({ key, table, column }) => {
    const columns = columnsOf.get(table);
    if (!columns) return [`isolation.${key} names ${table}, and there is no such table`];
    return column === null || columns.includes(column)
      ? []
      : [`isolation.${key} names column ${column} of ${table}, and there is no such column`];
  });
}

function prove({ environment }: BodyContext, admin: Database, role: string): Promise<RlsReport> {
  const { setting, tenantKeys, shared } = environment.isolation;
  const columns = new Map([...Object.entries(tenantKeys), ...shared.map((table) => [table, '-'] as const)]);
  return proveIsolation(admin, {
    role,
    disposable: environment.kind === 'disposable',
    answers: { columns, ...(setting !== null && { setting }) },
  });
}
