import { randomUUID } from 'node:crypto';
import { type Ask, type Database, DatabaseFailure } from '../../probes/postgres.ts';
import { type Helper, isNobody, readTenantContext, type TenantContext } from '../../probes/tenant-context.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', all, async (database) => {
    const tenancy = await readTenantContext(database);
    const { helper } = tenancy;
    if (!helper) return breakAll(context, 'there is no tenant helper function (get_current_tenant_id)');
    if (!judgePresence(context, helper)) return;
    await judgeWithout(context, database, helper, 'on a fresh connection');
    await judgeWithin(context, database, tenancy, helper);
    // From now on the setting is the empty string instead of not set, for the life of the connection.
    await judgeWithout(context, database, helper, 'on a connection used for a tenant before');
  });

export default body;

const all = ['present', 'without', 'within'];

function breakAll(context: BodyContext, because: string): void {
  for (const assertion of all) context.breaks(assertion, because);
}

function judgePresence(context: BodyContext, helper: Helper): boolean {
  const observed = `${helper.label}, called by ${helper.policies} policies`;
  if (!helper.executable) breakAll(context, `the app's role may not call ${helper.label}`);
  else if (helper.immutable) {
    context.breaks('present', `${helper.label} is marked IMMUTABLE, so one tenant's answer may be kept for the next`, {
      observed,
    });
  } else context.holds('present', { observed });
  return helper.executable;
}

async function judgeWithout(
  context: BodyContext,
  database: Database,
  { call, label }: Helper,
  where: string,
): Promise<void> {
  const answer = await called(database, (ask) => ask(`select ${call}::text as tenant`));
  const seen = { expected: 'no tenant (NULL or the nil UUID)', observed: `${where}: ${answer.text}` };
  if (answer.ok && isNobody(answer.tenant)) context.holds('without', seen);
  else context.breaks('without', `without a tenant ${label} says ${answer.text} ${where}`, seen);
}

/** Two tenants, one after the other on one connection: a constant answer cannot be right for both. */
async function judgeWithin(
  context: BodyContext,
  database: Database,
  { setting }: TenantContext,
  helper: Helper,
): Promise<void> {
  for (const tenant of [randomUUID(), randomUUID()]) {
    const answer = await called(database, async (ask) => {
      await ask('select set_config($1, $2, true)', [setting, tenant]);
      return ask(`select ${helper.call}::text as tenant`);
    });
    const seen = { expected: 'the tenant that was set', observed: answer.text };
    if (answer.ok && answer.tenant === tenant) context.holds('within', seen);
    else
      context.breaks('within', `with ${setting} set, ${helper.label} says ${answer.text} instead of that tenant`, seen);
  }
}

interface Answer {
  readonly ok: boolean;
  readonly tenant: unknown;
  readonly text: string;
}

/** A function that raises is an answer too, and not the right one. */
async function called(
  database: Database,
  work: (ask: Ask) => Promise<readonly Readonly<Record<string, unknown>>[]>,
): Promise<Answer> {
  try {
    const [row] = await database.undone(work, 'read only');
    const tenant = row?.tenant;
    return { ok: row !== undefined, tenant, text: tenant === null ? 'NULL' : `"${String(tenant)}"` };
  } catch (error) {
    if (!(error instanceof DatabaseFailure && error.code)) throw error;
    return { ok: false, tenant: null, text: `an error (${error.message})` };
  }
}
