import { quoted } from '../catalogue.ts';
import { type Ground, type Stage, survivors } from './ground.ts';
import { insertSql } from './insert.ts';
import { ownerColumns } from './keys.ts';
import { assignments, count, harmless, keyed, type Probe, same } from './probe.ts';
import { softReferences, tenantBeside } from './references.ts';
import type { SeedRow } from './seed.ts';
import { meaningOf, play, type Scene } from './stage.ts';
import type { ForeignKey, UniqueKey } from './types.ts';
import type { Value } from './values.ts';

const rehearsed = new WeakMap<Ground, SeedRow>();

/** Rows that are somebody else's, nobody's, or hang on somebody else's; beside one of its own, as a control. */
export async function inserts(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { table, privileges } = ground;
  if (privileges.insertable.length === 0) return [];
  const first = await stage.seeds.rehearse(table, 'a');
  const second = await stage.seeds.rehearse(table, 'b');
  if (typeof first === 'string' || typeof second === 'string') return [];
  const mine = await admitted(stage, ground, scene, first);
  const theirs = kindsOf(ground.foreign, second).find(({ variant }) => variant === mine.variant) ?? second;
  rehearsed.set(ground, theirs);
  const control: Probe = {
    ...insertProbe(ground, scene, mine, true, { rule: 'R07', variant: 'INSERT of its own' }),
    control: true,
    leaked: () => null,
    proves: (answer) => count(answer) > 0,
  };
  return [
    control,
    ...(isThrough(stage, ground) ? [] : foreignInserts(stage, ground, scene, { mine, theirs })),
    ...withoutTenant(stage, ground, scene, mine),
    ...overwrites(ground, scene, mine),
    ...(await attachments(stage, ground, scene, mine)),
  ];
}

/**
 * The kind of row that the role may store: a check that refuses other tenants' rows for what else they hold shows nothing. The first
 * kind is as good as any where none goes through.
 */
async function admitted(stage: Stage, ground: Ground, scene: Scene, first: SeedRow): Promise<SeedRow> {
  for (const row of [first, ...kindsOf(ground.mine, { ...first, variant: '' })]) {
    const probe = insertProbe(ground, scene, row, true, { rule: 'R07', variant: 'INSERT of its own' });
    const outcome = await play(stage.database, probe.scene, probe.statement, probe.look);
    if (outcome.ok && count(outcome) > 0) return row;
    if (!outcome.ok && meaningOf(outcome.code) !== 'refused') return first;
  }
  return first;
}

/** A row of another tenant's, for storing it before any setting was ever set. */
export async function rehearseForeign(stage: Stage, ground: Ground): Promise<void> {
  if (ground.privileges.insertable.length === 0) return;
  const theirs = await stage.seeds.rehearse(ground.table, 'b');
  if (typeof theirs !== 'string') rehearsed.set(ground, theirs);
}

/** Whom nothing refers to yet is nobody's: a person before the first membership. */
const isThrough = ({ world }: Stage, { table }: Ground): boolean => world.keys.of.get(table.oid)?.kind === 'through';

function foreignInserts(
  { world, thorough }: Stage,
  ground: Ground,
  scene: Scene,
  { mine, theirs }: { readonly mine: SeedRow; readonly theirs: SeedRow },
): Probe[] {
  const { table, privileges } = ground;
  const named = { rule: 'R07', variant: "INSERT with another tenant's key" };
  const columns = world.keys.of.get(table.oid)?.kind === 'root' ? [] : ownerColumns(world.keys, table);
  const disguised = [columns, ...(columns.length > 1 ? columns.map((one) => [one]) : [])].filter(
    (names) => names.length > 0 && names.every((name) => mine.values.has(name)),
  );
  return [
    insertProbe(ground, scene, theirs, true, named),
    ...(privileges.select
      ? [
          insertProbe(ground, scene, theirs, true, {
            ...named,
            variant: `${named.variant} RETURNING`,
            tail: ' returning 1',
          }),
        ]
      : []),
    // A check may let in only what is of a certain kind.
    ...(thorough ? kindsOf(ground.foreign, theirs) : []).map((row) =>
      insertProbe(ground, scene, row, true, { ...named, variant: `${named.variant}, ${row.variant}` }),
    ),
    // A check that looks at the parent only is content with the rest of the row.
    ...disguised.map((names) =>
      insertProbe(ground, scene, withValues(mine, theirs, names), true, {
        ...named,
        variant: `INSERT of its own but for another tenant's ${names.join(', ')}`,
      }),
    ),
  ];
}

const mostKinds = 6;

/** The new row with what else the seeded ones of its tenant hold. */
function kindsOf(seeded: readonly SeedRow[], fresh: SeedRow): SeedRow[] {
  const keys = fresh.table.uniques.flatMap(({ columns }) => columns);
  return seeded
    .filter(({ tenant, values, variant }) => tenant === fresh.tenant && variant !== fresh.variant && values.size > 0)
    .slice(0, mostKinds)
    .map((row) => ({ ...withValues(row, fresh, keys), clears: fresh.clears ?? '' }));
}

const withValues = (row: SeedRow, from: SeedRow, names: readonly string[]): SeedRow => ({
  ...row,
  values: new Map([...row.values, ...names.map((name) => [name, from.values.get(name) ?? null] as const)]),
});

/** For contexts of nobody and for switches; null before a row was rehearsed. */
export function foreignInsert(stage: Stage, ground: Ground, scene: Scene, own: boolean): Probe | null {
  const row = rehearsed.get(ground) ?? null;
  if (!row || ground.privileges.insertable.length === 0 || isThrough(stage, ground)) return null;
  const named = { rule: own ? 'R07' : 'R10', variant: "INSERT with another tenant's key" };
  return insertProbe(ground, scene, row, own, named);
}

function insertProbe(
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

function withoutTenant(stage: Stage, ground: Ground, scene: Scene, mine: SeedRow): Probe[] {
  const key = stage.world.keys.of.get(ground.table.oid);
  const column = key?.kind === 'column' ? ground.table.columns.find(({ name }) => name === key.column) : undefined;
  if (!column || column.notNull || column.generated) return [];
  const row = { ...mine, values: new Map([...mine.values, [column.name, null]]) };
  return [
    {
      ...insertProbe(ground, scene, row, true, { rule: 'R11', variant: 'INSERT without a tenant' }),
      leaked: (answer) => (count(answer) > 0 ? 'a row without a tenant is stored' : null),
    },
  ];
}

/** ON CONFLICT reaches for a row that is already there. */
function overwrites(ground: Ground, scene: Scene, mine: SeedRow): Probe[] {
  const usable = ground.table.uniques.filter((one) => !one.expressions && !one.exclusion && one.columns.length > 0);
  return usable.flatMap((key) => overwrite(ground, scene, mine, key));
}

function overwrite(ground: Ground, scene: Scene, mine: SeedRow, key: UniqueKey): Probe[] {
  const { table, foreign } = ground;
  const update = harmless(ground);
  const victim = foreign.find(({ values }) => key.columns.every((name) => values.get(name) != null));
  if (!update || !victim || !key.columns.every((name) => mine.values.has(name))) return [];
  const tail = ` on conflict (${key.columns.map((name) => quoted(name)).join(', ')}) do update set ${update}`;
  const variant = `INSERT ON CONFLICT DO UPDATE${key.primary ? '' : ` (${key.columns.join(', ')})`}`;
  return [
    {
      ...insertProbe(ground, scene, withValues(mine, victim, key.columns), true, { rule: 'R09', variant, tail }),
      look: survivors(table, foreign),
      leaked: (answer) => (count(answer) < foreign.length ? "another tenant's row is overwritten" : null),
    },
  ];
}

/** References out of a table that could lead to another tenant's row. */
export function crossing({ world }: Stage, { table }: Ground): ForeignKey[] {
  const { keys, catalogue } = world;
  const key = keys.of.get(table.oid);
  const own = key?.kind === 'column' || key?.kind === 'root' ? ownerColumns(keys, table) : [];
  const references = [...catalogue.foreignKeys, ...softReferences(catalogue, keys, table)];
  const hanging = references.filter((one) => {
    const target = keys.of.get(one.to);
    if (one.from !== table.oid || !target || one.to === keys.root) return false;
    if (one.columns.some((name) => own.includes(name))) return false;
    // A membership is made by referring to a person of whatever tenant.
    if (target.kind === 'through' && target.by === table.oid) return false;
    return !(key?.kind === 'path' && key.columns.join() === one.columns.join());
  });
  return [...hanging, ...tenantBeside(keys, table)];
}

/** A row of its own that hangs on another tenant's parent: references are checked without looking at policies. */
async function attachments(stage: Stage, ground: Ground, scene: Scene, mine: SeedRow): Promise<Probe[]> {
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
