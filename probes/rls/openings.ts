import { closure, tablesIn } from './carriers.ts';
import { type Ground, type Stage, sceneOf } from './ground.ts';
import { insertSql } from './insert.ts';
import { ownerColumns } from './keys.ts';
import type { Probe } from './probe.ts';
import { reads } from './reads.ts';
import { softReferences } from './references.ts';
import type { SeedRow } from './seed.ts';
import { enter, type Scene } from './stage.ts';
import type { RlsTable, TenantKey } from './types.ts';

/**
 * What a policy looks up decides what it lets through: the role stores a row of its own there that names another tenant's, and then reads.
 * Whose the stored row is says nothing about it; whether others' rows come into sight does.
 */
export async function openings(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const table of deciding(stage, ground.table)) {
    if ((stage.privileges.get(table.oid)?.insertable.length ?? 0) === 0) continue;
    for (const row of await keysToOthers(stage, table)) probes.push(...opened(stage, ground, scene, row));
  }
  return probes;
}

/** Tables other than this one that its policies read, themselves or through functions. */
function deciding({ world }: Stage, { oid }: RlsTable): RlsTable[] {
  const { policies, functions, tables } = world.catalogue;
  const mine = policies.filter((one) => one.table === oid);
  const sources = mine.map(({ text }) => closure(text, functions));
  const read = tables.filter(
    (one) =>
      mine.some((policy) => policy.tables.includes(one.oid)) ||
      sources.some((text) => tablesIn(text, [one]).length > 0),
  );
  return read.filter((one) => one.oid !== oid && world.keys.of.has(one.oid));
}

/** Rows of its own in which one reference, and then every one, is to what is another tenant's. */
async function keysToOthers(stage: Stage, table: RlsTable): Promise<SeedRow[]> {
  const { world, seeds } = stage;
  const fresh = await seeds.rehearse(table, 'a');
  if (typeof fresh === 'string') return [];
  const owner = ownerColumns(world.keys, table);
  const references = [...world.catalogue.foreignKeys, ...softReferences(world.catalogue, world.keys, table)].filter(
    (one) =>
      one.from === table.oid &&
      world.keys.of.has(one.to) &&
      !one.columns.some((name) => owner.includes(name)) &&
      !isMembership(world.keys.of.get(one.to), table),
  );
  const changes: Map<string, string | null>[] = [];
  for (const one of references) {
    const theirs = await seeds.base(world.catalogue.tables.find(({ oid }) => oid === one.to)!, 'b');
    if (theirs)
      changes.push(new Map(one.columns.map((name, at) => [name, theirs.values.get(one.refColumns[at]!) ?? null])));
  }
  const every = new Map(changes.flatMap((one) => [...one]));
  return [...changes, ...(changes.length > 1 ? [every] : [])].map((change) => ({
    ...fresh,
    values: new Map([...fresh.values, ...change]),
  }));
}

/** Whom a tenant takes in is its own from then on. */
const isMembership = (key: TenantKey | undefined, { oid }: RlsTable): boolean =>
  key?.kind === 'through' && key.by === oid;

function opened(stage: Stage, ground: Ground, scene: Scene, row: SeedRow): Probe[] {
  const storing = `${enter(sceneOf(stage, stage.own))}; ${insertSql(row.table, row.values)}; reset session authorization; reset role`;
  const before = [scene.before, row.clears, storing].filter(Boolean).join('; ');
  return reads(ground, { ...scene, before, seedsOnly: true }, true).map((probe) => ({
    ...probe,
    rule: 'R15',
    where: `${row.table.label} INSERT`,
    variant: `SELECT after storing a row of its own in ${row.table.label} that names another tenant's`,
    mayFail: true,
    proves: () => false,
  }));
}
