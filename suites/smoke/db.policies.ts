import { randomUUID } from 'node:crypto';
import { labelOf, readCatalogue } from '../../probes/catalogue.ts';
import { type Command, commands, gapOf, isFiltered, type Policy, readPolicies } from '../../probes/policies.ts';
import type { Ask } from '../../probes/postgres.ts';
import { type TenantTable, tenancyOf } from '../../probes/tenancy.ts';
import { readTenantContext } from '../../probes/tenant-context.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { attempt, withDatabase } from './connections.ts';
import { noteExempt } from './tenancy.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['count', 'commands'], async (database) => {
    const policies = await readPolicies(database);
    const tenancy = tenancyOf(await readCatalogue(database));
    judgeCount(context, policies.length);
    noteExempt(context, tenancy);
    if (tenancy.tenant.length === 0) context.breaks('commands', 'no table with tenant data was found');
    const { setting } = await readTenantContext(database);
    const byTable = Map.groupBy(policies, (policy) => policy.table);
    await database.undone(async (ask) => {
      // A policy may raise without a tenant, already while the planner estimates; that is no gap.
      await ask('select set_config($1, $2, true)', [setting, randomUUID()]);
      for (const table of tenancy.tenant) {
        const judge = () => judgeTable(context, ask, table, byTable.get(table.oid) ?? []);
        await attempt(context, 'commands', { cell: labelOf(table) }, judge);
      }
    }, 'read only');
  });

export default body;

function judgeCount(context: BodyContext, count: number): void {
  const floor = context.environment.expect.policies;
  const seen = { expected: `at least ${floor} policies`, observed: `${count} policies` };
  if (count > 0 && count >= floor) context.holds('count', seen);
  else context.breaks('count', `there are ${count} row policies where at least ${floor} belong`, seen);
}

async function judgeTable(
  context: BodyContext,
  ask: Ask,
  table: TenantTable,
  policies: readonly Policy[],
): Promise<void> {
  const gaps: string[] = [];
  for (const command of commands) {
    const gap = gapOf(policies, command, isOpenByDesign(table, command)) ?? (await vacuous(ask, table, command));
    if (gap) gaps.push(`${command} ${gap}`);
  }
  const cell = labelOf(table);
  const seen = {
    cell,
    expected: 'a policy of its own for each of the four commands',
    observed: `${policies.length} policies`,
  };
  if (gaps.length === 0) context.holds('commands', seen);
  else context.breaks('commands', `on ${cell} (${table.because}) ${gaps.join('; ')}`, seen);
}

/**
 * Making a tenant touches nobody's rows and has no tenant yet to be checked against, so an open INSERT on the tenants
 * themselves is how the platform lets people register. Everywhere else a policy that lets everybody through guards nothing.
 */
const isOpenByDesign = (table: TenantTable, command: Command): boolean => table.root && command === 'INSERT';

async function vacuous(ask: Ask, table: TenantTable, command: Command): Promise<string | null> {
  if (command === 'INSERT' || !table.enabled || !table.active) return null;
  return (await isFiltered(ask, table, command)) === false ? 'reaches every row: the planner sees no condition' : null;
}
