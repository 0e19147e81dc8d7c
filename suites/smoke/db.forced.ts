import { labelOf, quoted, readCatalogue } from '../../probes/catalogue.ts';
import { type Ask, type Database, DatabaseFailure } from '../../probes/postgres.ts';
import { bindingOf } from '../../probes/roles.ts';
import { type TenantTable, tenancyOf } from '../../probes/tenancy.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { attempt, withDatabase } from './connections.ts';
import { noteExempt } from './tenancy.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['forced', 'bound', 'hidden'], async (database) => {
    const tenancy = tenancyOf(await readCatalogue(database));
    noteExempt(context, tenancy);
    if (tenancy.tenant.length === 0) {
      for (const assertion of ['forced', 'hidden']) context.breaks(assertion, 'no table with tenant data was found');
    }
    for (const table of tenancy.tenant) judgeTable(context, table);
    await judgeRole(context, database, tenancy.tenant);
    await database.undone(async (ask) => {
      for (const table of tenancy.tenant) {
        await attempt(context, 'hidden', { cell: labelOf(table) }, () => judgeHidden(context, ask, table));
      }
    }, 'read only');
  });

export default body;

function judgeTable(context: BodyContext, table: TenantTable): void {
  const cell = labelOf(table);
  const seen = { cell, expected: "enabled, forced, and in force for the app's role", observed: stateOf(table) };
  if (table.enabled && table.forced && table.active) context.holds('forced', seen);
  else context.breaks('forced', `${cell} (${table.because}): row level security is ${stateOf(table)}`, seen);
}

function stateOf({ enabled, forced, active }: TenantTable): string {
  if (!enabled) return `not enabled${forced ? ', although it is forced' : ''}`;
  return `enabled, ${forced ? 'forced' : 'not forced'}, ${active ? 'in force' : 'not in force'} for the app's role`;
}

async function judgeRole(context: BodyContext, database: Database, tables: readonly TenantTable[]): Promise<void> {
  const { role, ways } = await bindingOf(database);
  const seen = {
    expected: 'a role that row level security binds',
    observed: ways.length > 0 ? ways.join('; ') : 'bound',
  };
  if (ways.length === 0) context.holds('bound', seen);
  else context.breaks('bound', `the app's role ${role} is not bound by row level security: ${ways.join('; ')}`, seen);
  const owned = tables.filter((table) => table.owned).map(labelOf);
  if (owned.length > 0 && ways.length === 0) {
    context.note(
      "tables of the app's own role",
      `${role} owns ${owned.join(', ')}: forcing binds it, but it could switch that off`,
    );
  }
}

/** The proof beside the catalogue: without a tenant, the app's role is shown nobody's rows. An error shows nothing either. */
async function judgeHidden(context: BodyContext, ask: Ask, table: TenantTable): Promise<void> {
  const cell = labelOf(table);
  await ask('savepoint sd_look');
  const outcome = await look(ask, table).finally(() => ask('rollback to savepoint sd_look'));
  if (outcome === 'no end')
    return context.unmet(`a larger timeoutMs: looking for a row in all of ${cell} did not end in that time`, 'hidden');
  if (outcome === 'rows') context.breaks('hidden', `without a tenant the app's role reads rows of ${cell}`, { cell });
  else context.holds('hidden', { cell, expected: 'no rows without a tenant', observed: outcome });
}

async function look(ask: Ask, table: TenantTable): Promise<string> {
  // A row with no tenant in its tenant column belongs to nobody and may be for all.
  const owned = table.column ? `where ${quoted(table.column)} is not null` : '';
  try {
    const rows = await ask(`select 1 from ${quoted(table.schema, table.name)} ${owned} limit 1`);
    return rows.length > 0 ? 'rows' : 'no rows';
  } catch (error) {
    // Whoever is shown nothing has to be shown the whole table, and it may be large.
    if (error instanceof DatabaseFailure && error.code === '57014') return 'no end';
    // Classes 42 and 22: no privilege, or a policy that raises without a tenant. Anything else was no answer.
    if (error instanceof DatabaseFailure && /^(42|22|P0)/.test(error.code ?? '')) return 'an error instead of rows';
    throw error;
  }
}
