import { quoted } from '../catalogue.ts';
import type { Database } from '../postgres.ts';
import { undone } from './insert.ts';
import type { World } from './seed.ts';
import { text } from './stage.ts';

const setRoleAsks = 160_000;

/** Roles that SET ROLE leads to and that may reach what the role under test does not; those above all policies are told as such. */
export async function further(database: Database, { catalogue }: World, role: string): Promise<string[]> {
  const privilege = catalogue.version >= setRoleAsks ? 'SET' : 'MEMBER';
  const rows = await database.bare(
    `select r.rolname::text as name, pg_has_role(${text(role)}, r.oid, 'usage') as inherited from pg_roles r
     where pg_has_role(${text(role)}, r.oid, '${privilege}') and r.rolname <> ${text(role)} and r.rolname !~ '^pg_'
       and not r.rolsuper and not r.rolbypassrls and not (select rolsuper or rolbypassrls from pg_roles where rolname = ${text(role)}) order by 1`,
  );
  // Where every policy is everybody's, a role whose rights it has anyway sees no more than it does.
  const alike = catalogue.policies.every(({ roles }) => roles.includes('public'));
  return rows.filter(({ inherited }) => !(alike && inherited === true)).map(({ name }) => String(name));
}

const tenants = ['a', 'b', 'c', 'nn'];

/** Roles that stand for tenants exist in the transaction alone. */
export async function makeTenantRoles({ bare }: Database, world: World, role: string): Promise<void> {
  if (world.roleOf('a') === null) return;
  for (const tenant of tenants) await bare(`create role ${quoted(world.roleOf(tenant)!)} in role ${quoted(role)}`);
}

/** For the time of the work, the tenants' roles have the rights of another role instead. */
export async function inStead<T>(
  { bare }: Database,
  world: World,
  { from, to }: { readonly from: string; readonly to: string },
  work: () => Promise<T>,
): Promise<T> {
  if (world.roleOf('a') === null || from === to) return work();
  return undone(bare, 'sd_stead', async () => {
    for (const tenant of tenants) {
      const name = quoted(world.roleOf(tenant)!);
      await bare(`revoke ${quoted(from)} from ${name}; grant ${quoted(to)} to ${name}`);
    }
    return work();
  });
}
