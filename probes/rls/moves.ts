import { quoted } from '../catalogue.ts';
import { type Ground, ownedBy, type Stage, survivors } from './ground.ts';
import { ownerColumns } from './keys.ts';
import { assignments, count, keyed, type Probe } from './probe.ts';
import { placing, type SeedRow, taking } from './seed.ts';
import type { Scene } from './stage.ts';
import type { RlsTable } from './types.ts';
import { literal } from './values.ts';

type Base = { command: 'UPDATE'; scene: Scene; own: boolean; rule: string };

/** Rows that change hands: out of the tenant, and into it. */
export async function moves(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { keys } = stage.world;
  const columns = ownerColumns(keys, ground.table);
  const may = (name: string) => ground.privileges.updatable.includes(name);
  if (columns.length === 0 || !columns.some(may)) return [];
  const base: Base = { command: 'UPDATE', scene, own: true, rule: 'R08' };
  if (keys.of.get(ground.table.oid)?.kind === 'root') return rootMoves(stage, ground, columns[0]!, base);
  // All that could say whose the row is at once, for a policy may look at more than the key; the key alone, for it may look at less.
  const whole = [...new Set([...columns, ...tellingColumns(stage, ground.table)])].filter(may);
  const sets = [columns.filter(may), whole, ...(columns.length > 1 ? columns.filter(may).map((one) => [one]) : [])];
  const distinct = [...new Map(sets.map((names) => [names.join(), names])).values()];
  return [
    ...distinct.flatMap((names) => movesIn(ground, names, base)),
    ...(await movesOut(stage, ground, distinct, base)),
  ];
}

/** Columns besides the key that a row's tenant can be read from: references to tenants' rows, and what is called like the tenant. */
const tellingColumns = ({ world }: Stage, table: RlsTable): string[] => [
  ...world.catalogue.foreignKeys
    .filter((one) => one.from === table.oid && one.to !== table.oid && world.keys.of.has(one.to))
    .flatMap((one) => one.columns),
  ...table.columns
    .filter(({ name, generated }) => !generated && world.keys.names.includes(name))
    .map(({ name }) => name),
];

function movesIn(ground: Ground, names: readonly string[], base: Base): Probe[] {
  const { table, foreign, mine } = ground;
  const victim = keyed(table, foreign[0]!);
  const set = assignments(table, mine[0]!, names);
  const taken = (left: number) =>
    left < foreign.length ? `${foreign.length - left} rows of others became its own` : null;
  const probe: Probe = {
    ...base,
    variant: `UPDATE without WHERE that takes rows over by ${names.join(', ')}`,
    unbounded: true,
    statement: `update ${table.sql} set ${set}`,
    look: survivors(table, foreign),
    // Own rows that have these values already cannot have offended a constraint.
    [steady(mine, names) ? 'constraintLeaks' : 'constraintHolds']: true,
    leaked: (answer) => taken(count(answer)),
  };
  const byKey = `UPDATE by key that takes a row over by ${names.join(', ')}`;
  return [
    probe,
    ...(victim
      ? [{ ...probe, variant: byKey, unbounded: false, statement: `update ${table.sql} set ${set} where ${victim}` }]
      : []),
  ];
}

const steady = (rows: readonly SeedRow[], names: readonly string[]): boolean =>
  names.every((name) => new Set(rows.filter(({ sql }) => sql !== '').map(({ values }) => values.get(name))).size === 1);

/** A tenant that becomes another tenant. */
async function rootMoves(stage: Stage, ground: Ground, column: string, base: Base): Promise<Probe[]> {
  const other = await stage.seeds.rehearse(ground.table, 'd');
  const key = ground.table.columns.find(({ name }) => name === column)!;
  if (typeof other === 'string' || key.fixed) return [];
  const value = literal(other.values.get(column) ?? null, key);
  return [
    {
      ...base,
      variant: 'UPDATE without WHERE that makes it another tenant',
      unbounded: true,
      statement: `update ${ground.table.sql} set ${quoted(column)} = ${value}`,
      look: `select count(*)::int as n from ${ground.table.sql} where ${quoted(column)} = ${value}`,
      leaked: (answer) => (count(answer) > 0 ? 'its own row became that of another tenant' : null),
    },
  ];
}

async function movesOut(
  stage: Stage,
  ground: Ground,
  sets: readonly (readonly string[])[],
  base: Base,
): Promise<Probe[]> {
  const { table } = ground;
  // A row without dependants, so that no reference keeps it where it is; and the values of one that is not there yet.
  const spare = await stage.seeds.rehearse(table, 'a');
  const theirs = await stage.seeds.rehearse(table, 'b');
  if (typeof spare === 'string' || typeof theirs === 'string') return [];
  const owned = await ownedBy(stage, table, 'a');
  const [found] = await stage.database.bare(`select count(*)::int as n from ${table.sql} where ${owned}`);
  const move = {
    spare,
    theirs,
    owned,
    where: keyed(table, spare),
    before: (spare.clears ? unseededOf(ground) : Number(found?.n)) + 1,
  };
  return sets.flatMap((names) => [
    ...moveOut(ground, { ...move, names }, base),
    ...(stage.world.catalogue.superuser && stage.thorough ? movesOneByOne(ground, { ...move, names }, base) : []),
  ]);
}

/** Where none of ours lies in it, all of the tenant's were taken away. */
const unseededOf = ({ mine }: Ground): number =>
  mine.some(({ sql }) => sql !== '') ? mine.filter(({ sql }) => sql === '').length : 0;

interface Move {
  readonly names: readonly string[];
  readonly spare: SeedRow;
  readonly theirs: SeedRow;
  readonly owned: string;
  readonly where: string | null;
  /** Own rows before, the spare one among them. */
  readonly before: number;
}

/** Its own rows are counted before and after: what it no longer has is somebody else's. */
function moveOut({ table }: Ground, { names, spare, theirs, owned, where, before }: Move, base: Base): Probe[] {
  const set = assignments(table, theirs, names);
  const probe: Probe = {
    ...base,
    variant: `UPDATE without WHERE that gives rows away by ${names.join(', ')}`,
    scene: { ...base.scene, before: placing(spare) },
    unbounded: true,
    constraintHolds: true,
    statement: `update ${table.sql} set ${set}`,
    look: `select count(*)::int as n from ${table.sql} where ${owned}`,
    leaked: (answer) => (count(answer) < before ? `${before - count(answer)} own rows became another tenant's` : null),
  };
  const byKey = `UPDATE by key that gives a row away by ${names.join(', ')}`;
  return [
    probe,
    ...(where
      ? [{ ...probe, variant: byKey, unbounded: false, statement: `update ${table.sql} set ${set} where ${where}` }]
      : []),
  ];
}

const mostOwn = 6;

/** A check that refuses one of its rows refuses the statement; so each is tried with the others taken away. */
function movesOneByOne({ table, mine }: Ground, { names, theirs, owned }: Move, base: Base): Probe[] {
  const rows = mine.filter(({ sql }) => sql !== '').slice(0, mostOwn);
  if (rows.length < 2) return [];
  return rows.map((row) => ({
    ...base,
    variant: `UPDATE that gives a row away by ${names.join(', ')}, ${row.variant}`,
    scene: {
      ...base.scene,
      before: taking(
        table,
        mine.filter((one) => one !== row),
      ),
    },
    unbounded: true,
    constraintHolds: true,
    mayFail: true,
    statement: `update ${table.sql} set ${assignments(table, theirs, names)}`,
    look: `select count(*)::int as n from ${table.sql} where ${owned}`,
    leaked: (answer) => (count(answer) < 1 ? "its own row became another tenant's" : null),
  }));
}
