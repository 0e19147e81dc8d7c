import { ownerColumns } from './keys.ts';
import type { Seeder, World } from './seed.ts';
import type { RlsTable } from './types.ts';
import type { Value } from './values.ts';

/**
 * Where a key is unique within the tenant, numbers begin anew in each: another tenant has a row whose key is the first tenant's but for
 * the tenant. Whatever goes by the rest of the key alone (a policy, a trigger, a rule) takes the one for the other.
 */
export async function plantTwins(world: World, seeds: Seeder, tables: readonly RlsTable[]): Promise<void> {
  const waiting = new Set(tables);
  for (let before = -1; before !== waiting.size; ) {
    before = waiting.size;
    for (const table of waiting) {
      if (parentsOf(world, table).some((parent) => waiting.has(parent))) continue;
      waiting.delete(table);
      await plantTwin(world, seeds, table);
    }
  }
}

async function plantTwin(world: World, seeds: Seeder, table: RlsTable): Promise<void> {
  const mine = await seeds.base(table, 'a');
  if (!mine || world.keys.of.get(table.oid)?.kind !== 'column') return;
  const names = new Set(sharedColumns(world, table));
  const change = new Map<string, Value>([...mine.values].filter(([name, value]) => names.has(name) && value !== null));
  if (change.size > 0) await seeds.twin(table, 'b', change);
}

/** The rest of each key that has the tenant in it, without what refers to rows that are not named by the tenant as well. */
function sharedColumns({ keys, catalogue, carriers }: World, table: RlsTable): string[] {
  const owner = ownerColumns(keys, table);
  const bound = catalogue.foreignKeys.filter(
    (one) => one.from === table.oid && !one.columns.some((name) => owner.includes(name)),
  );
  // Who is looked up by it would belong to both.
  const asked = [...carriers.lookups, ...carriers.comparisons].filter((one) => one.table === table.oid);
  const referring = new Set([...bound.flatMap(({ columns }) => columns), ...asked.map(({ column }) => column)]);
  return table.uniques
    .filter(({ columns }) => columns.some((name) => owner.includes(name)))
    .flatMap(({ columns }) => columns)
    .filter((name) => !owner.includes(name) && !referring.has(name))
    .filter((name) => !table.columns.find((one) => one.name === name)?.generated);
}

const parentsOf = ({ catalogue }: World, table: RlsTable): RlsTable[] =>
  catalogue.foreignKeys
    .filter((one) => one.from === table.oid && one.to !== table.oid)
    .flatMap((one) => catalogue.tables.filter(({ oid }) => oid === one.to));

export const twinVariant = "with the first tenant's key but for the tenant";
