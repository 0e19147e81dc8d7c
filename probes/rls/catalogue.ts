import { quoted } from '../catalogue.ts';
import type { Ask, Row } from '../postgres.ts';
import { closure, tablesIn } from './carriers.ts';
import {
  checksSql,
  columnsSql,
  foreignKeysSql,
  functionsSql,
  policiesSql,
  tablesSql,
  uniquesSql,
  viewsSql,
} from './catalogue-sql.ts';
import type { RlsCatalogue, RlsColumn, RlsFunction, RlsPolicy, RlsTable, RlsView } from './types.ts';

/** Everything of the catalogue that isolation can hang on, read by the privileged role. */
export async function readRlsCatalogue(ask: Ask): Promise<RlsCatalogue> {
  const [server] = await ask(
    `select current_setting('server_version_num')::int as version, rolsuper as super from pg_roles where rolname = session_user`,
  );
  const byTable = async (sql: string) => Map.groupBy(await ask(sql), (row) => String(row.oid));
  const parts = {
    columns: await byTable(columnsSql),
    checks: await byTable(checksSql),
    uniques: await byTable(uniquesSql),
  };
  const tables = (await ask(tablesSql)).map((row) => toTable(row, parts));
  const functions = (await ask(functionsSql)).map(toFunction);
  return {
    version: Number(server?.version),
    superuser: server?.super === true,
    tables,
    foreignKeys: (await ask(foreignKeysSql)).map((row) => ({
      name: String(row.name),
      from: String(row.from),
      to: String(row.to),
      columns: list(row.columns),
      refColumns: list(row.refColumns),
      notNull: row.notNull === true,
      onDelete: String(row.onDelete),
    })),
    policies: (await ask(policiesSql)).map(toPolicy),
    functions,
    views: (await ask(viewsSql)).map(toView).map((view) => withCalled(view, tables, functions)),
  };
}

/** What a view reads through the functions it calls, PostgreSQL does not write down. */
function withCalled(view: RlsView, tables: readonly RlsTable[], functions: readonly RlsFunction[]): RlsView {
  const sources = closure(view.definition, functions).slice(view.definition.length);
  const called = tablesIn(sources, tables).map(({ oid }) => oid);
  return { ...view, reads: [...new Set([...view.reads, ...called])] };
}

export const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const orNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

type Parts = Readonly<Record<'columns' | 'checks' | 'uniques', ReadonlyMap<string, readonly Row[]>>>;

function toTable(row: Row, { columns, checks, uniques }: Parts): RlsTable {
  const oid = String(row.oid);
  return {
    oid,
    schema: String(row.schema),
    name: String(row.name),
    label: `${row.schema}.${row.name}`,
    sql: quoted(String(row.schema), String(row.name)),
    enabled: row.enabled === true,
    forced: row.forced === true,
    owner: String(row.owner),
    partitioned: row.partitioned === true,
    partitionOf: orNull(row.partitionOf),
    bound: orNull(row.bound),
    partitionKey: orNull(row.partitionKey),
    columns: (columns.get(oid) ?? []).map(toColumn),
    checks: (checks.get(oid) ?? []).map((one) => ({
      name: String(one.name),
      columns: list(one.columns),
      expression: String(one.expression),
    })),
    uniques: (uniques.get(oid) ?? []).map((one) => ({
      name: String(one.name),
      columns: list(one.columns),
      primary: one.primary === true,
      exclusion: one.exclusion === true,
      expressions: one.expressions === true,
    })),
  };
}

const toColumn = (row: Row): RlsColumn => ({
  name: String(row.name),
  type: String(row.type),
  base: String(row.base),
  modifier: Number(row.modifier),
  notNull: row.notNull === true,
  generated: row.generated === true,
  identity: row.identity === true,
  fixed: row.fixed === true,
  default: orNull(row.default),
  labels: list(row.labels),
  domainChecks: list(row.domainChecks),
});

const commandOf: Readonly<Record<string, RlsPolicy['command']>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
};

const toPolicy = (row: Row): RlsPolicy => ({
  table: String(row.table),
  name: String(row.name),
  command: commandOf[String(row.command)] ?? 'ALL',
  permissive: row.permissive === true,
  roles: list(row.roles),
  text: [row.using, row.check].filter((one) => one !== null).join(' AND '),
  using: orNull(row.using),
  check: orNull(row.check),
  functions: list(row.functions),
  tables: list(row.tables),
});

const toFunction = (row: Row): RlsFunction => ({
  oid: String(row.oid),
  schema: String(row.schema),
  name: String(row.name),
  label: String(row.label),
  source: String(row.source ?? ''),
  language: String(row.language),
  volatility: row.volatility === 'i' || row.volatility === 's' ? row.volatility : 'v',
  definer: row.definer === true,
  leakproof: row.leakproof === true,
  owner: String(row.owner),
  ownerBypasses: row.ownerBypasses === true,
  searchPath: row.searchPath === true,
  argumentTypes: list(row.argumentTypes),
  returns: String(row.returns),
  kind: String(row.kind),
});

const toView = (row: Row): RlsView => ({
  oid: String(row.oid),
  label: `${row.schema}.${row.name}`,
  sql: quoted(String(row.schema), String(row.name)),
  kind: row.kind === 'm' || row.kind === 'f' ? row.kind : 'v',
  owner: String(row.owner),
  ownerBypasses: row.ownerBypasses === true,
  invoker: row.invoker === true,
  definition: String(row.definition ?? ''),
  reads: list(row.reads),
  columns: list(row.columns),
});
