import { type Ground, type Stage, survivors } from './ground.ts';
import { insertProbe } from './insert-probe.ts';
import { ownerColumns } from './keys.ts';
import { assignments, count, keyed, type Probe, same } from './probe.ts';
import { softReferences, tenantBeside } from './references.ts';
import type { SeedRow } from './seed.ts';
import type { Scene } from './stage.ts';
import type { ForeignKey } from './types.ts';

/** References out of a table that could lead to another tenant's row. */
export function crossing({ world }: Stage, { table }: Ground): ForeignKey[] {
  const { keys, catalogue } = world;
  const key = keys.of.get(table.oid);
  const own = key?.kind === 'column' || key?.kind === 'root' ? ownerColumns(keys, table) : [];
  const references = [...catalogue.foreignKeys, ...softReferences(catalogue, keys, table)];
  const isGuarded = (oid: string) => catalogue.tables.find((one) => one.oid === oid)?.enabled === true;
  const hanging = references.filter((one) => {
    const target = keys.of.get(one.to);
    if (one.from !== table.oid || !target || one.to === keys.root) return false;
    if (one.columns.some((name) => own.includes(name))) return false;
    // A membership is made by referring to a person of whatever tenant; and people whom no policy keeps apart are no tenant's.
    if (target.kind === 'through' && (target.by === table.oid || !isGuarded(one.to))) return false;
    return !(key?.kind === 'path' && key.columns.join() === one.columns.join());
  });
  return [...hanging, ...tenantBeside(keys, table)];
}

/** A row of its own that hangs on another tenant's parent: references are checked without looking at policies. */
export async function attachments(stage: Stage, ground: Ground, scene: Scene, mine: SeedRow): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const reference of crossing(stage, ground)) {
    const parent = await parentOf(stage, reference);
    if (parent) probes.push(attachment(ground, scene, mine, reference, parent));
  }
  return probes;
}

const parentOf = ({ world, seeds }: Stage, reference: ForeignKey): Promise<SeedRow | null> =>
  seeds.base(world.catalogue.tables.find(({ oid }) => oid === reference.to)!, 'b');

/** The same row with the parent's key in the columns that refer to it. */
export const attached = (row: SeedRow, reference: ForeignKey, parent: SeedRow): SeedRow => ({
  ...row,
  values: new Map([
    ...row.values,
    ...reference.columns.map((name, index) => [name, parent.values.get(reference.refColumns[index]!) ?? null] as const),
  ]),
});

const hangs = (parent: SeedRow): string => `a row of its own hangs on another tenant's ${parent.table.label}`;

function attachment(ground: Ground, scene: Scene, mine: SeedRow, reference: ForeignKey, parent: SeedRow): Probe {
  return {
    ...insertProbe(ground, scene, attached(mine, reference, parent), true, {
      rule: 'R32',
      variant: `INSERT that refers to another tenant's row by ${reference.columns.join(', ')}`,
    }),
    leaked: (answer) => (count(answer) > 0 ? hangs(parent) : null),
    severity: 'medium',
  };
}

/** The same by a change of a row that is there. */
export async function attachingUpdates(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { table, privileges } = ground;
  const mine = ground.mine[0]!;
  const where = keyed(table, mine);
  const probes: Probe[] = [];
  for (const reference of crossing(stage, ground)) {
    const parent = await parentOf(stage, reference);
    if (!parent || !where || !reference.columns.every((name) => privileges.updatable.includes(name))) continue;
    probes.push(...attaching(ground, scene, reference, parent, where));
  }
  return probes;
}

/** By its key, where the new row has to please the policies for reading as well; and without a WHERE, where it has not. */
function attaching(
  { table, mine }: Ground,
  scene: Scene,
  reference: ForeignKey,
  parent: SeedRow,
  where: string,
): Probe[] {
  const { columns } = reference;
  const changed = attached(mine[0]!, reference, parent);
  const values = new Map(columns.map((name) => [name, changed.values.get(name) ?? null]));
  const statement = `update ${table.sql} set ${assignments(table, changed, columns)}`;
  const named = {
    rule: 'R32',
    command: 'UPDATE',
    scene,
    own: true,
    constraintHolds: true,
    severity: 'medium',
  } as const;
  return [
    {
      ...named,
      variant: `UPDATE that refers to another tenant's row by ${columns.join(', ')}`,
      statement: `${statement} where ${where}`,
      look: `select count(*)::int as n from ${table.sql} where ${same(table, { ...changed, values })} and ${where}`,
      leaked: (answer) => (count(answer) > 0 ? hangs(parent) : null),
    },
    {
      ...named,
      variant: `UPDATE without WHERE that refers to another tenant's row by ${columns.join(', ')}`,
      unbounded: true,
      statement,
      look: survivors(table, mine),
      leaked: (answer) => (count(answer) < mine.length ? hangs(parent) : null),
    },
  ];
}
