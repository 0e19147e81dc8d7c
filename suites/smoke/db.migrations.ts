import { readCatalogue, type Table } from '../../probes/catalogue.ts';
import { type Ledger, readLedgers } from '../../probes/ledgers.ts';
import { readPolicies } from '../../probes/policies.ts';
import { openDatabase } from '../../probes/postgres.ts';
import { readTenantContext } from '../../probes/tenant-context.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';
import { coreTables } from './schema.ts';

/**
 * The platform has no runner and no ledger of its own, so what the migrations were to make is looked for in the catalogue
 * in any case; a ledger, where some runner keeps one, must agree.
 */
const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['applied', 'catalogue'], async (database) => {
    const { tables } = await readCatalogue(database);
    const missing = [...missingFrom(tables)];
    const { helper } = await readTenantContext(database);
    if (!helper) missing.push('the tenant helper function');
    if ((await readPolicies(database)).length === 0) missing.push('every row policy');
    for (const what of missing) context.breaks('catalogue', `the migrations have not made ${what}`);
    if (missing.length === 0)
      context.holds('catalogue', { observed: `${Object.keys(coreTables).length} tables with their columns` });
    judgeLedgers(context, await ledgersOf(context, tables), missing.length);
  });

export default body;

function* missingFrom(tables: readonly Table[]): Generator<string> {
  const byName = Map.groupBy(tables, (table) => table.name);
  for (const [name, columns] of Object.entries(coreTables)) {
    const there = (byName.get(name) ?? []).map((table) => new Set(table.columns.map((column) => column.name)));
    if (there.length === 0) yield `the table ${name}`;
    else {
      const absent = columns.filter((column) => !there.some((set) => set.has(column)));
      if (absent.length > 0) yield `${absent.join(', ')} of ${name}`;
    }
  }
}

/** The app need not see the ledger, so the service role is asked as well where it is granted. */
async function ledgersOf(context: BodyContext, tables: readonly Table[]): Promise<readonly Ledger[]> {
  const { appUrl, serviceUrl } = context.environment.database;
  let ledgers: readonly Ledger[] = [];
  for (const url of [appUrl, serviceUrl]) {
    if (url === null || (ledgers.length > 0 && ledgers.every((ledger) => ledger.kind === 'read'))) continue;
    const database = await openDatabase(url, context);
    try {
      ledgers = await readLedgers(database, tables);
    } finally {
      await database.close();
    }
  }
  return ledgers;
}

type ReadLedger = Extract<Ledger, { readonly kind: 'read' }>;

function judgeLedgers(context: BodyContext, ledgers: readonly Ledger[], missing: number): void {
  const floor = context.environment.expect.migrations;
  if (ledgers.length === 0) {
    judgeWithoutLedger(context, missing);
    return;
  }
  const read = ledgers.filter((ledger) => ledger.kind === 'read');
  const hidden = ledgers.filter((ledger) => ledger.kind === 'hidden').map((ledger) => ledger.label);
  if (read.length === 0) context.unmet(`database.serviceUrl that may read ${hidden.join(', ')}`, 'applied');
  else judgeRead(context, read, floor);
  if (hidden.length > 0) context.note('ledgers that may not be read', hidden.join(', '));
}

function judgeRead(context: BodyContext, read: readonly ReadLedger[], floor: number): void {
  const applied = Math.max(...read.map((ledger) => ledger.applied));
  const failed = read.flatMap((ledger) => ledger.failed);
  const seen = {
    expected: `at least ${floor} applied, none failed`,
    observed: read.map((ledger) => `${ledger.applied} in ${ledger.label}`).join(', '),
  };
  if (failed.length > 0) context.breaks('applied', `not finished or failed: ${failed.slice(0, 5).join(', ')}`, seen);
  else if (applied < floor)
    context.breaks('applied', `${applied} migrations are applied where at least ${floor} belong`, seen);
  else context.holds('applied', seen);
}

function judgeWithoutLedger(context: BodyContext, missing: number): void {
  context.note('no table of migrations', 'whether they were applied is judged from the catalogue alone');
  const seen = {
    expected: 'what the migrations make',
    observed: `no ledger; ${missing} things missing from the catalogue`,
  };
  if (missing === 0) context.holds('applied', seen);
  else
    context.breaks(
      'applied',
      `no ledger says that migrations were applied, and ${missing} things they make are missing`,
      seen,
    );
}
