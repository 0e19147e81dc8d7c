import { quoted, readCatalogue, type Table } from '../../probes/catalogue.ts';
import type { Database } from '../../probes/postgres.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';

const body: Body = (context) =>
  withDatabase(context, 'serviceUrl', ['tenants', 'users'], async (database) => {
    const { tables } = await readCatalogue(database);
    const tenants = tables.find((table) => table.name === 'tenants');
    const users = tables.find((table) => table.name === 'users' && table.schema === tenants?.schema);
    if (!tenants || !users) {
      if (!tenants) context.breaks('tenants', 'there is no table tenants');
      context.breaks('users', 'there is no table users');
      return;
    }
    // A role that row security binds sees nobody without a tenant, and so cannot say that nobody is there.
    if (tenants.active || users.active)
      return context.unmet('database.serviceUrl of a role that sees past row level security');
    const { seed } = context.environment.expect;
    if (seed) await judgeNamed(context, database, tenants, users, seed);
    else await judgeAny(context, database, tenants, users);
  });

export default body;

interface Seed {
  readonly tenants: readonly string[];
  readonly users: readonly string[];
}

async function judgeNamed(
  context: BodyContext,
  database: Database,
  tenants: Table,
  users: Table,
  seed: Seed,
): Promise<void> {
  const named = [
    { assertion: 'tenants', wanted: seed.tenants, from: tenants, column: 'name' },
    { assertion: 'users', wanted: seed.users, from: users, column: 'email' },
  ];
  for (const { assertion, wanted, from, column } of named) {
    if (wanted.length === 0) context.note('seed not named', `the environment file names no ${assertion} to look for`);
    const found = await database.rows(
      `select distinct ${quoted(column)} as name from ${quoted(from.schema, from.name)} where ${quoted(column)} = any ($1)`,
      [wanted],
    );
    const there = new Set(found.map((row) => String(row.name)));
    for (const cell of wanted) {
      if (there.has(cell)) context.holds(assertion, { cell });
      else context.breaks(assertion, `${cell} is not among the ${assertion}`, { cell });
    }
  }
  if (seed.tenants.length === 0 || seed.users.length === 0) await judgeAny(context, database, tenants, users, seed);
}

/** Nobody says who must be there: at least one tenant that has an owner. Tenants that a run of this harness made do not count. */
async function judgeAny(
  context: BodyContext,
  database: Database,
  tenants: Table,
  users: Table,
  named?: Seed,
): Promise<void> {
  const [row] = await database.rows(
    `select count(distinct t.id)::int as tenants, count(u.id)::int as users, count(u.id) filter (where u.role::text = 'owner')::int as owners
     from ${quoted(tenants.schema, tenants.name)} t left join ${quoted(users.schema, users.name)} u on u.tenant_id = t.id
     where t.name !~ '^sd-[0-9a-z]+'`,
  );
  const observed = `${row?.tenants ?? 0} tenants, ${row?.users ?? 0} users of theirs, ${row?.owners ?? 0} of them owners`;
  if (!named?.tenants.length) {
    if (Number(row?.tenants) > 0) context.holds('tenants', { expected: 'at least one tenant', observed });
    else context.breaks('tenants', 'there is no tenant', { observed });
  }
  if (named?.users.length) return;
  if (Number(row?.owners) > 0) context.holds('users', { expected: 'at least one owner', observed });
  else context.breaks('users', 'no tenant has an owner', { observed });
}
