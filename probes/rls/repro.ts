import { quoted } from '../catalogue.ts';
import { ownerColumns } from './keys.ts';
import type { SeedRow, World } from './seed.ts';
import { enter, type Scene } from './stage.ts';
import type { RlsTable } from './types.ts';

/** A script for psql that shows the leak: rows of ours, the role, whose turn it is, the statement; and nothing of it stays. */
export function reproduce(
  world: World,
  seeds: readonly SeedRow[],
  table: RlsTable | null,
  scene: Scene,
  statement: string,
  look?: string,
): string {
  const needed = table ? ancestry(world, table) : null;
  const rows = seeds.filter((row) => needed === null || needed.has(row.table.oid));
  const tenants = [...new Set(rows.map(({ tenant }) => tenant))].flatMap((tenant) => world.roleOf(tenant) ?? []);
  return [
    'begin;',
    ...tenants.map((role) => `create role "${role}" in role "${scene.role}";`),
    ...rows.map(({ sql, tenant, variant }) => `${sql}; -- tenant ${tenant}, ${variant}`),
    ...(scene.before ? [`${scene.before};`] : []),
    ...shown(world, table, scene, statement, look),
    'rollback;',
  ].join('\n');
}

/** What is written says nothing by itself: whose rows were touched is then told by the owner, by what says whose they are. */
function shown(world: World, table: RlsTable | null, scene: Scene, statement: string, look?: string): string[] {
  const steps = [`${enter(scene)};`, `${statement};`];
  if (look === undefined) return steps;
  const back = 'reset session authorization; reset role;';
  if (table === null || !/^(update|delete|merge)\b/i.test(statement)) return [...steps, back, `${look};`];
  const columns = ownerColumns(world.keys, table)
    .map((name) => quoted(name))
    .join(', ');
  const [listed, grouped] = columns === '' ? ['', ''] : [`${columns}, `, ` group by ${columns} order by ${columns}`];
  return [
    `create temp table sd_before as select ${listed}tableoid as place, ctid as at from ${table.sql};`,
    ...steps,
    back,
    `select ${listed}count(*) as rows_touched from sd_before where not exists (select from ${table.sql} t where t.tableoid = place and t.ctid = at)${grouped};`,
  ];
}

/** The table, all it refers to, and all its policies look at. */
function ancestry({ catalogue }: World, table: RlsTable): Set<string> {
  const found = new Set([table.oid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const key of catalogue.foreignKeys) if (found.has(key.from)) found.add(key.to);
    for (const policy of catalogue.policies)
      if (found.has(policy.table)) for (const one of policy.tables) found.add(one);
    for (const one of catalogue.tables) if (found.has(one.oid) && one.partitionOf) found.add(one.partitionOf);
  }
  return found;
}
