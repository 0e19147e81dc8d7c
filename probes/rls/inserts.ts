import { quoted } from '../catalogue.ts';
import { attachments } from './attachments.ts';
import { type Ground, type Stage, survivors } from './ground.ts';
import { insertProbe } from './insert-probe.ts';
import { ownerColumns } from './keys.ts';
import { count, harmless, type Probe } from './probe.ts';
import type { SeedRow } from './seed.ts';
import { meaningOf, play, type Scene } from './stage.ts';
import type { UniqueKey } from './types.ts';
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
 * The kind of row that the role may store: a check that refuses other tenants' rows for what else they hold shows nothing. Where the
 * role may store none of them, the first.
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
  stage: Stage,
  ground: Ground,
  scene: Scene,
  { mine, theirs }: { readonly mine: SeedRow; readonly theirs: SeedRow },
): Probe[] {
  const { world, thorough } = stage;
  const { table, privileges } = ground;
  const named = { rule: 'R07', variant: "INSERT with another tenant's key" };
  const columns = world.keys.of.get(table.oid)?.kind === 'root' ? [] : ownerColumns(world.keys, table);
  const signed = signedAs(stage, ground);
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
    // Those whose name is almost its own, or what a missing one is taken for.
    ...(thorough ? kinRows(ground, theirs, columns) : []).map((row) =>
      insertProbe(ground, scene, row, true, { ...named, variant: `INSERT with the key ${row.variant}` }),
    ),
    // A check that looks at who stores it only.
    ...(signed.size === 0
      ? []
      : [
          insertProbe(ground, scene, { ...theirs, values: new Map([...theirs.values, ...signed]) }, true, {
            ...named,
            variant: `${named.variant}, but with its own ${[...signed.keys()].join(', ')}`,
          }),
        ]),
    // A check that looks at the parent only is content with the rest of the row.
    ...disguised.map((names) =>
      insertProbe(ground, scene, withValues(mine, theirs, names), true, {
        ...named,
        variant: `INSERT of its own but for another tenant's ${names.join(', ')}`,
      }),
    ),
  ];
}

/** Columns that conditions compare with a setting, with what the role's own turn has for them: a login, a person's number. */
function signedAs({ world, own }: Stage, { table, mine }: Ground): Map<string, Value> {
  const owner = ownerColumns(world.keys, table);
  const said = [...own.settings.values()];
  const compared = [...world.carriers.lookups, ...world.carriers.comparisons].filter(
    (one) => one.table === table.oid && one.settings.length > 0 && !owner.includes(one.column),
  );
  const found = compared.flatMap(({ column }) => {
    const value = mine
      .map(({ values }) => values.get(column))
      .find((one) => one && said.some((word) => word.includes(one)));
    return value ? [[column, value] as const] : [];
  });
  return new Map(found);
}

/** The new row with the key of each tenant that was given a name; what refers to rows of the tenant's goes with the key. */
function kinRows({ foreign, table }: Ground, theirs: SeedRow, columns: readonly string[]): SeedRow[] {
  const firsts = [
    ...Map.groupBy(
      foreign.filter(({ tenant, table: of }) => /^[km]/.test(tenant) && of === table),
      (one) => one.tenant,
    ).values(),
  ];
  const inKeys = new Set(table.uniques.flatMap((one) => one.columns));
  return firsts.map(([row]) => {
    const own = [...row!.values.keys()].filter((name) => columns.includes(name) || !inKeys.has(name));
    return { ...withValues(theirs, row!, own), variant: row!.variant };
  });
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
