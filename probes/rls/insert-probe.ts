import type { Ground } from './ground.ts';
import { insertSql } from './insert.ts';
import { count, type Probe, same } from './probe.ts';
import type { SeedRow } from './seed.ts';
import type { Scene } from './stage.ts';
import type { Value } from './values.ts';

/** One row, stored as the role under test; afterwards the privileged role looks whether it is there. */
export function insertProbe(
  ground: Ground,
  scene: Scene,
  row: SeedRow,
  own: boolean,
  more: { rule: string; variant: string; tail?: string },
): Probe {
  const { tail, ...named } = more;
  return {
    ...named,
    command: 'INSERT',
    scene: cleared(scene, row),
    own,
    constraintHolds: true,
    statement: insertSql(ground.table, fillable(ground, row), tail ?? ''),
    look: `select count(*)::int as n from ${ground.table.sql} where ${same(ground.table, row)}`,
    leaked: (answer) => (count(answer) > 0 ? "a row with another tenant's key is stored" : null),
  };
}

/** Takes the tenant's only such row away first. */
export const cleared = (scene: Scene, { clears }: SeedRow): Scene =>
  clears ? { ...scene, before: [scene.before, clears].filter(Boolean).join('; ') } : scene;

/** Only what the role may fill in is filled in, where the rest has defaults. */
function fillable({ privileges }: Ground, row: SeedRow): ReadonlyMap<string, Value> {
  if (privileges.insert) return row.values;
  return new Map([...row.values].filter(([name]) => privileges.insertable.includes(name)));
}
