import { quoted } from '../catalogue.ts';
import type { Carriers } from './carriers.ts';
import type { Keys } from './keys.ts';
import { keyColumns, type Seeder, type World } from './seed.ts';
import type { Context } from './stage.ts';
import type { RlsColumn } from './types.ts';

export interface Contexts {
  /** Nothing was ever set on this connection. */
  readonly none: Context;
  readonly of: (tenant: string) => Promise<Context>;
  /** Whose turn it is nobody can say from these. */
  readonly nobody: () => Promise<readonly Context[]>;
}

export interface Assignment {
  /** setting → which value of a tenant's it carries: its key, or a column of one of its rows. */
  readonly settings: ReadonlyMap<string, Source>;
}
export type Source =
  | 'key'
  /** The key in a list: of a JSON claim, or as an array. */
  | 'JSON list'
  | 'array'
  /** Of the tenant's rows there, the first or a further one: people of one tenant may do different things. */
  | { readonly table: string; readonly column: string; readonly nth?: number }
  /** The key as one of several pieces: `split_part(…, ':', 2)`. */
  | { readonly mark: string; readonly piece: number }
  /** A word that policies speak of, the same for every tenant. */
  | { readonly word: string };

/** The main setting carries the key; another that policies compare with a column carries that column's value. */
export function firstAssignment({ settings, comparisons }: Carriers, keys: Keys): Assignment {
  const found = new Map<string, Source>();
  for (const name of settings) {
    if (name === keys.setting) continue;
    const compared = comparisons.find(
      (one) => one.settings.includes(name) && !one.settings.includes(keys.setting ?? ''),
    );
    if (compared && !isSwitch(compared.text)) found.set(name, { table: compared.table, column: compared.column });
  }
  if (keys.setting) found.set(keys.setting, 'key');
  return { settings: found };
}

/** `current_setting('app.role') = 'admin'` compares with a word and not with a row. */
const isSwitch = (atom: string): boolean =>
  /current_setting\([^)]*\)[^=]*=\s*'|'[^']*'(::text)?\s*=\s*\(?current_setting/i.test(atom);

export function contextsOf(world: World, seeds: Seeder, assignment: Assignment): Contexts {
  return {
    none: { name: 'none', settings: new Map() },
    of: (tenant) => contextOf(world, seeds, assignment, tenant),
    nobody: () => nobodies(world, seeds, [...assignment.settings.keys()]),
  };
}

async function contextOf(world: World, seeds: Seeder, { settings }: Assignment, tenant: string): Promise<Context> {
  const { keys, carriers } = world;
  const key = await seeds.keyOf(tenant);
  const held = [...settings].flatMap(([setting, source]) => {
    const value = heldBy(seeds, source, tenant, key);
    if (value === null) return [];
    if (source === 'JSON list') return [[setting, wrapped(carriers, keys, setting, value, {}, true)] as const];
    return [[setting, wrapped(carriers, keys, setting, value)] as const];
  });
  return { name: `tenant ${tenant}`, settings: new Map(held), tenant, role: world.roleOf(tenant) };
}

/** What stands beside the key is nobody's. */
const otherPiece = '0';

function heldBy({ rows }: Seeder, source: Source, tenant: string, key: string | null): string | null {
  if (source === 'key' || source === 'JSON list') return key;
  if (source === 'array') return key === null ? null : `{${key}}`;
  if ('word' in source) return source.word;
  if ('mark' in source)
    return key === null ? null : [...Array<string>(source.piece - 1).fill(otherPiece), key].join(source.mark);
  const found = rows.filter(
    (one) => one.tenant === tenant && one.table.oid === source.table && one.values.get(source.column) != null,
  );
  const row = found[source.nth ?? 0] ?? found[0];
  return row?.values.get(source.column) ?? null;
}

/** Contexts of nobody. A value that happens to name a tenant of ours is that tenant's; one that names a tenant who is there is left out. */
async function nobodies(world: World, seeds: Seeder, settings: readonly string[]): Promise<Context[]> {
  if (settings.length === 0) return [];
  const column = keyColumn(world);
  const values: (readonly [string, string])[] = [
    ['empty', ''],
    ...strangers(column, (await seeds.keyOf('b')) ?? ''),
    ...magicWords(world.carriers).map((word) => [`'${word}', which a policy speaks of`, word] as const),
  ];
  const contexts: Context[] = [];
  for (const [name, value] of values) {
    const tenant = world.keys.parts.length === 0 ? await seeds.tenantCalled(value) : null;
    if (tenant === null && (await isThere(world, value))) continue;
    const all = settings.map((setting) => [setting, wrapped(world.carriers, world.keys, setting, value)] as const);
    contexts.push({ name, settings: new Map(all), ...(tenant !== null && { tenant }) });
  }
  return contexts;
}

async function isThere(world: World, value: string): Promise<boolean> {
  const root = keyColumns(world).filter(([table]) => table.oid === world.keys.root);
  for (const [table, column] of root.length > 0 ? root : keyColumns(world)) {
    const [found] = await world.ask(`select 1 from ${table.sql} where ${quoted(column.name)}::text = $1 limit 1`, [
      value,
    ]);
    if (found) return true;
  }
  return false;
}

/** Values that are no tenant of ours, among them some that are almost one. */
const strangers = (column: RlsColumn | undefined, key: string): readonly (readonly [string, string])[] => [
  ['garbage', "not-a-tenant'"],
  ['nil', nilOf(column)],
  ['unknown tenant', unknownOf(column)],
  ['another type', /^(int|numeric)/.test(column?.base ?? '') ? '7d4f6b52-3c1a-4e08-9d7b-1f2e3d4c5b6a' : '1'],
  ["'null'", 'null'],
  ["'%'", '%'],
  ["the beginning of another tenant's key", key.slice(0, -1)],
  ["more than another tenant's key", `x${key}x`],
  ...(/^int/.test(column?.base ?? '')
    ? [['the largest number', column?.base === 'int2' ? '32767' : '2147483647'] as const]
    : []),
];

const magicWords = ({ literals, jsonKeys }: Carriers): string[] =>
  literals.filter((one) => /^[\w*.-]{1,24}$/.test(one) && ![...jsonKeys.values()].flat().includes(one)).slice(0, 8);

function keyColumn({ catalogue, keys }: World): RlsColumn | undefined {
  const root = catalogue.tables.find(({ oid }) => oid === keys.root);
  return (
    root?.columns.find(({ name }) => name === keys.rootKey) ??
    catalogue.tables.flatMap(({ columns }) => columns).find(({ name }) => name === keys.names[0])
  );
}

const nilOf = (column: RlsColumn | undefined): string =>
  column?.base === 'uuid' ? '00000000-0000-0000-0000-000000000000' : '0';
const unknownOf = (column: RlsColumn | undefined): string =>
  column?.base === 'uuid'
    ? '5ca1ab1e-0000-4000-8000-000000000001'
    : /^(int|numeric)/.test(column?.base ?? '')
      ? '31999'
      : 'nobody-at-all';

/** A setting that holds claims gets an object with the tenant under every key that could be its name. */
export function wrapped(
  { jsonKeys, jsonPaths }: Carriers,
  keys: Keys,
  setting: string,
  value: string,
  more: Readonly<Record<string, string>> = {},
  asList = false,
): string {
  const names = jsonKeys.get(setting);
  if (!names || value === '') return value;
  const mine = names.filter(
    (name) => keys.names.includes(name) || /tenant|org|workspace|account|company|sub/i.test(name),
  );
  const nested = names.filter((name) => /metadata/.test(name));
  const flat = Object.fromEntries(
    (mine.length > 0 ? mine : names.filter((name) => !nested.includes(name))).map((name) => [
      name,
      asList ? [value] : value,
    ]),
  );
  const claims: Claims = {
    ...flat,
    ...more,
    ...Object.fromEntries(nested.map((name) => [name, { ...flat, ...more }])),
  };
  for (const path of jsonPaths) if (namesTenant(path, keys)) reach(claims, path, asList ? [value] : value);
  return JSON.stringify(claims);
}

export interface Claims {
  [name: string]: unknown;
}

/** The name of the tenant's table may stand above, and nothing but `id` below. */
export const namesTenant = (path: readonly string[], keys: Keys): boolean =>
  path.some(
    (name) => keys.names.includes(name) || /tenant|org|workspace|account|company|shop|store|team|sub/i.test(name),
  );

export function reach(claims: Claims, path: readonly string[], value: unknown): void {
  let at = claims;
  for (const name of path.slice(0, -1)) {
    const inner = at[name];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) at[name] = {};
    at = at[name] as Claims;
  }
  at[path.at(-1)!] = value;
}
