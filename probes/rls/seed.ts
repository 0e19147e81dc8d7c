import { quoted } from '../catalogue.ts';
import type { Ask, Database } from '../postgres.ts';
import type { Carriers } from './carriers.ts';
import { theseRows } from './ground.ts';
import { alone, impossible, make, undone } from './insert.ts';
import type { Keys } from './keys.ts';
import { belongsTo, type Identity } from './ownership.ts';
import { policyTexts } from './rows.ts';
import { listedValues, solveColumn } from './solve.ts';
import { twinVariant } from './twins.ts';
import type { RlsCatalogue, RlsColumn, RlsTable } from './types.ts';
import { type Origin, type Value, type Variant, variants } from './values.ts';

export interface SeedRow {
  readonly table: RlsTable;
  readonly tenant: string;
  readonly variant: string;
  readonly values: ReadonlyMap<string, Value>;
  /** Where it lies: `tableoid:ctid`. */
  readonly at: string;
  readonly sql: string;
  /** What must be taken away first, where a tenant can have one such row only. */
  readonly clears?: string;
}

export interface World {
  readonly ask: Ask;
  readonly all: Database['all'];
  readonly catalogue: RlsCatalogue;
  readonly keys: Keys;
  readonly carriers: Carriers;
  readonly run: string;
  /** What the role under test would be called if it were this tenant's; null when roles carry nothing. */
  readonly roleOf: (tenant: string) => string | null;
}

/** Rows of ours, by the privileged role, inside the transaction that is rolled back. */
export interface Seeder {
  readonly rows: SeedRow[];
  readonly gaps: { readonly table: RlsTable; readonly variant: string; readonly why: string }[];
  /** Why a table has no row of a tenant. */
  readonly failures: Map<string, string>;
  base(table: RlsTable, tenant: string): Promise<SeedRow | null>;
  edges(table: RlsTable, tenant: string): Promise<void>;
  unowned(table: RlsTable): Promise<void>;
  /** A row with these values, where there can be one. */
  twin(table: RlsTable, tenant: string, change: ReadonlyMap<string, Value>): Promise<SeedRow | null>;
  /** A row that could be inserted, without leaving it there. */
  rehearse(table: RlsTable, tenant: string, change?: ReadonlyMap<string, Value>): Promise<SeedRow | string>;
  keyOf(tenant: string): Promise<Value>;
  partOf(tenant: string, column: string): Promise<Value>;
  identityOf(tenant: string): Promise<Identity>;
  /** Which of the tenants whose names were given is called so. */
  tenantCalled(key: string): Promise<string | null>;
  /** From now on no row stays. */
  freeze(): void;
  /** Another tenant whose name is given. */
  call(tenant: string, identity: Identity): void;
  /** What else the tenant's own row holds. */
  describe(tenant: string, values: ReadonlyMap<string, Value>): void;
}

/** What making one row takes. */
export interface Parts extends World {
  readonly base: Seeder['base'];
  readonly keyOf: Seeder['keyOf'];
  readonly partOf: Seeder['partOf'];
  /** One more row of the same tenant's, on which others hang; null where there can be none. */
  readonly another: (table: RlsTable, tenant: string, number: number) => Promise<SeedRow | null>;
  /** The key of a tenant whose name was given; undefined for all others. */
  readonly given: (tenant: string) => Value | undefined;
}

export function seeder(world: World): Seeder {
  const rows: SeedRow[] = [];
  const gaps: Seeder['gaps'] = [];
  const failures = new Map<string, string>();
  const names = naming(world);
  const { base, freeze, describe, another } = basesOf(world, names, { rows, failures });
  const keyOf: Seeder['keyOf'] = (tenant) => names.keyOf(tenant, base);
  const parts: Parts = { ...world, base, another, keyOf, partOf: names.partOf, given: names.given };
  const once = (origin: Omit<Origin, 'run'>, change?: ReadonlyMap<string, Value>) => make(parts, origin, change);
  let extra = 0;
  const keep = (table: RlsTable, variant: string, made: SeedRow | string) => {
    if (typeof made !== 'string') rows.push(made);
    else if (made !== alone && made !== impossible) gaps.push({ table, variant, why: made });
  };
  return {
    rows,
    gaps,
    failures,
    base,
    freeze,
    describe,
    keyOf,
    partOf: names.partOf,
    call: names.call,
    tenantCalled: async (key) => names.called(key),
    identityOf: async (tenant) => ({ key: await keyOf(tenant), parts: await names.allParts(tenant) }),
    async rehearse(table, tenant, change) {
      const attempt = () => once({ table, tenant, variant: variants[0]!, number: 501 }, change);
      const made = await undone(world.ask, 'sd_rehearse', attempt);
      if (made !== alone || !world.catalogue.superuser) return made;
      const seeded = rows.filter((row) => row.table === table && row.tenant === tenant);
      const identity: Identity = { key: await keyOf(tenant), parts: await names.allParts(tenant) };
      const clears = seeded.length > 0 ? taking(table, seeded) : takingAll(table, belongsTo(table, identity, world));
      const again = await undone(world.ask, 'sd_rehearse', async () => {
        await world.ask(clears);
        return attempt();
      });
      return typeof again === 'string' ? again : { ...again, clears };
    },
    async edges(table, tenant) {
      for (const [at, variant] of usefulVariants(table, world).entries()) {
        let made = await once({ table, tenant, variant, number: at + 2 });
        if (made === alone) {
          // Where a tenant may have one such row only, another tenant has the next.
          extra += 1;
          made = await once({ table, tenant: `${tenant}${extra.toString(36)}`, variant, number: at + 2 });
        }
        keep(table, variant.name, made);
      }
    },
    async twin(table, tenant, change) {
      const made = await once({ table, tenant, variant: variants[0]!, number: 801 }, change);
      if (typeof made === 'string') return null;
      const row = { ...made, variant: twinVariant };
      rows.push(row);
      return row;
    },
    async unowned(table) {
      const key = world.keys.of.get(table.oid);
      const column = key?.kind === 'column' ? table.columns.find(({ name }) => name === key.column) : undefined;
      if (!column || column.notNull || column.generated) return;
      for (const variant of [variants[0]!, variants[1]!, variants[3]!])
        keep(
          table,
          `without a tenant, ${variant.name}`,
          await once({ table, tenant: 'nn', variant, number: 901 }, new Map([[column.name, null]])),
        );
    },
  };
}

/** Without triggers and references, which could keep them there. */
export const placing = ({ sql, clears }: SeedRow): string => (clears ? `${clears}; ${sql}` : sql);

export const taking = (table: RlsTable, rows: readonly SeedRow[]): string => takingAll(table, theseRows(rows));

const takingAll = (table: RlsTable, condition: string): string =>
  `set local session_replication_role = replica; delete from ${table.sql} where ${condition}; set local session_replication_role = origin`;

const furtherPeople = 300;

/** The first row of each table and tenant, on which others hang; made once. */
function basesOf(
  world: World,
  names: Names,
  { rows, failures }: { readonly rows: SeedRow[]; readonly failures: Map<string, string> },
): Pick<Seeder, 'base' | 'freeze' | 'describe'> & Pick<Parts, 'another'> {
  const bases = new Map<string, SeedRow | 'under way' | null>();
  const told = new Map<string, ReadonlyMap<string, Value>>();
  let circles = 0;
  let frozen = false;
  const another: Parts['another'] = async (table, tenant, number) => {
    if (frozen) return null;
    const made = await make(partsFor(), { table, tenant, variant: variants[0]!, number: number + furtherPeople });
    if (typeof made === 'string') return null;
    rows.push(made);
    return made;
  };
  const partsFor = (): Parts => ({
    ...world,
    base,
    another,
    keyOf: (one) => names.keyOf(one, base),
    partOf: names.partOf,
    given: names.given,
  });
  const base: Seeder['base'] = async (table, tenant) => {
    const id = `${table.oid} ${tenant}`;
    const known = bases.get(id);
    if (known === 'under way') circles += 1;
    if (known !== undefined) return known === 'under way' ? null : known;
    if (frozen) return null;
    bases.set(id, 'under way');
    const before = circles;
    const parts = partsFor();
    const described = table.oid === world.keys.root ? told.get(tenant) : undefined;
    const made = await make(parts, { table, tenant, variant: variants[0]!, number: 1 }, described);
    const kept = typeof made === 'string' ? await standIn(parts, table, tenant) : made;
    if (typeof made === 'string') failures.set(id, made);
    else
      rows.push(
        names.given(tenant) === undefined ? made : { ...made, variant: `of the tenant '${names.given(tenant)}'` },
      );
    // Two tables that need each other: what could not be made on the way may be made afterwards.
    if (kept === null && circles > before) bases.delete(id);
    else bases.set(id, kept);
    return kept;
  };
  const freeze = (): void => {
    frozen = true;
  };
  return { base, another, freeze, describe: (tenant, values) => void told.set(tenant, values) };
}

/** A tenant of that name is there already, and can be referred to. */
async function standIn({ ask, keys, given }: Parts, table: RlsTable, tenant: string): Promise<SeedRow | null> {
  const key = given(tenant);
  if (key == null || table.oid !== keys.root) return null;
  const [found] = await ask(`select 1 from ${table.sql} where ${quoted(keys.rootKey!)}::text = $1 limit 1`, [key]);
  const values = new Map([[keys.rootKey!, key]]);
  return found ? { table, tenant, variant: 'there before', values, at: '', sql: '' } : null;
}

interface Names {
  keyOf(tenant: string, base: Seeder['base']): Promise<Value>;
  partOf(tenant: string, column: string): Promise<Value>;
  allParts(tenant: string): Promise<Map<string, Value>>;
  given(tenant: string): Value | undefined;
  called(key: string): string | null;
  call(tenant: string, identity: Identity): void;
}

function naming(world: World): Names {
  const keys = new Map<string, Value>();
  const given = new Map<string, Identity>();
  const parts = new Map<string, Value>();
  const partOf: Names['partOf'] = async (tenant, column) => {
    const told = given.get(tenant)?.parts.get(column);
    if (told !== undefined) return told;
    const id = `${tenant} ${column}`;
    if (!parts.has(id)) parts.set(id, await newPart(world, tenant, column));
    return parts.get(id)!;
  };
  return {
    partOf,
    given: (tenant) => given.get(tenant)?.key,
    called: (key) => [...given].find(([, one]) => one.key === key)?.[0] ?? null,
    call: (tenant, identity) => void given.set(tenant, identity),
    async allParts(tenant) {
      const all = new Map<string, Value>();
      for (const column of world.keys.parts) all.set(column, await partOf(tenant, column));
      return all;
    },
    async keyOf(tenant, base) {
      const told = given.get(tenant);
      if (told) return told.key;
      if (!keys.has(tenant)) keys.set(tenant, await newKey(world, tenant, base, [...keys.values()]));
      return keys.get(tenant)!;
    },
  };
}

async function newKey(world: World, tenant: string, base: Seeder['base'], taken: readonly Value[]): Promise<Value> {
  const { catalogue, keys } = world;
  const root = catalogue.tables.find(({ oid }) => oid === keys.root);
  if (root) return (await base(root, tenant))?.values.get(keys.rootKey!) ?? null;
  const role = world.roleOf(tenant);
  if (role !== null && keys.setting === null) return role;
  const found = keyColumns(world)[0];
  return found ? newValue(world, tenant, found, taken) : null;
}

/** Where the tenant's key is written down, tables that hold nothing else about it first. */
export function keyColumns({ catalogue, keys }: Pick<World, 'catalogue' | 'keys'>): [RlsTable, RlsColumn][] {
  return catalogue.tables.flatMap((table): [RlsTable, RlsColumn][] => {
    const key = keys.of.get(table.oid);
    const name = key?.kind === 'column' || key?.kind === 'root' ? key.column : null;
    const column = table.columns.find((one) => one.name === name && !one.generated);
    return column ? [[table, column]] : [];
  });
}

async function newPart(world: World, tenant: string, name: string): Promise<Value> {
  const table = keyColumns(world)
    .map(([one]) => one)
    .find(({ columns }) => columns.some((column) => column.name === name));
  const column = table?.columns.find((one) => one.name === name);
  return table && column ? newValue(world, tenant, [table, column], []) : null;
}

const newValue = (
  { all, run }: World,
  tenant: string,
  [table, column]: [RlsTable, RlsColumn],
  taken: readonly Value[],
): Promise<Value> => {
  const origin: Origin = { run, tenant, table, number: keyNumber(tenant), variant: variants[0]! };
  return solveColumn(all, table, column, origin, [], new Set(taken));
};

const keyNumber = (tenant: string): number =>
  [...tenant].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 0) % 997;

/** Listed values need more rows than true and false do. */
function usefulVariants(table: RlsTable, { catalogue }: World): readonly Variant[] {
  const texts = policyTexts(table, catalogue);
  const most = Math.max(
    0,
    ...table.columns.map((column) => Math.max(column.labels.length, listedValues(table, column, texts).length)),
  );
  return variants.slice(1, Math.max(5, most * 2 + 1));
}
