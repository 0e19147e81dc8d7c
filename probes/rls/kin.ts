import { keyColumns, type Seeder, type World } from './seed.ts';
import type { RlsColumn, RlsTable } from './types.ts';
import type { Value } from './values.ts';

/**
 * Tenants whose name is nearly that of the first, and those whose name is what a missing one may be taken for. Where the constraints
 * let such a tenant be, its rows are nobody else's.
 */
export async function plantKin(world: World, seeds: Seeder, tables: readonly RlsTable[]): Promise<void> {
  const key = await seeds.keyOf('a');
  const column = keyColumns(world)[0]?.[1];
  if (key === null || !column || world.roleOf('a') !== null) return;
  const taken = new Set<Value>();
  for (const tenant of ['a', 'b', 'c', 'd']) taken.add(await seeds.keyOf(tenant));
  const { parts } = await seeds.identityOf('a');
  const kin = kinOf(column, key, [...boundsOf(world, column.name), ...world.carriers.literals]).filter(
    (one) => !taken.has(one),
  );
  for (const [at, value] of kin.entries()) seeds.call(`k${at.toString(36)}`, { key: value, parts });
  const names = kin.map((_, at) => `k${at.toString(36)}`);
  if (parts.size > 0) names.push(...(await mixed(seeds, world)));
  names.push(...(await almostFound(world, seeds)));
  for (const tenant of names) for (const table of tables) await seeds.base(table, tenant);
}

const mostNear = 3;

/** Where a function looks the tenant up by another name, a slug or a host: tenants who are called almost like the first there. */
async function almostFound({ keys, carriers, catalogue }: World, seeds: Seeder): Promise<string[]> {
  const root = catalogue.tables.find(({ oid }) => oid === keys.root);
  const mine = root && (await seeds.base(root, 'a'));
  const column = root?.columns.find(
    ({ name, base }) =>
      name !== keys.rootKey &&
      /^(text|varchar)$/.test(base) &&
      carriers.lookups.some((one) => one.table === root.oid && one.column === name && one.settings.length > 0),
  );
  const called = column && mine?.values.get(column.name);
  if (!called) return [];
  return nearText(called)
    .slice(0, mostNear)
    .map((value, at) => {
      seeds.describe(`l${at}`, new Map([[column.name, value]]));
      return `l${at}`;
    });
}

/** Tenants that share one of several columns with the first. */
async function mixed(seeds: Seeder, { keys }: World): Promise<string[]> {
  const [mine, theirs] = [await seeds.identityOf('a'), await seeds.identityOf('b')];
  seeds.call('m0', { key: theirs.key, parts: mine.parts });
  const others = keys.parts.map((part, at) => {
    seeds.call(`m${at + 1}`, {
      key: mine.key,
      parts: new Map([...mine.parts, [part, theirs.parts.get(part) ?? null]]),
    });
    return `m${at + 1}`;
  });
  return ['m0', ...others];
}

const mostLiterals = 6;
const mostBounds = 3;

/** Tenants who have a part of a table to themselves. */
const boundsOf = ({ catalogue: { tables } }: World, column: string): string[] =>
  tables
    .filter(({ partitionOf }) => tables.find(({ oid }) => oid === partitionOf)?.partitionKey === `LIST (${column})`)
    .flatMap(({ bound }) => [...(bound ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1]!))
    .slice(0, mostBounds);

function kinOf(column: RlsColumn, key: string, literals: readonly string[]): Value[] {
  if (column.labels.length > 0) return column.labels.filter((label) => label !== key);
  const words = literals.filter((one) => /^[\w.:-]{1,36}$/.test(one));
  if (/^(int|numeric)/.test(column.base)) return unique([...nearNumber(key), ...words.filter(isWhole)], column);
  if (column.base === 'uuid')
    return unique([nilUuid, nilUuid.replaceAll('0', 'f'), ...words.filter((one) => uuid.test(one))], column);
  if (column.base === 'ltree') return nearPath(key);
  if (!/^(text|varchar|citext|bpchar|name)$/.test(column.base)) return [];
  return unique([...nearText(key), ...words.slice(0, mostLiterals)], column);
}

const nilUuid = '00000000-0000-0000-0000-000000000000';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isWhole = (text: string): boolean => /^-?\d{1,15}$/.test(text);
const limits: Readonly<Record<string, number>> = { int2: 2 ** 15, int4: 2 ** 31 };

const nearNumber = (key: string): string[] => {
  const number = BigInt(key.replace(/\..*$/, ''));
  return [number + 1n, number - 1n, -number, number / 10n, 0n, 1n, -1n].map(String);
};

/** The other case, a blank behind, the name shortened and prolonged, and no name at all. */
const nearText = (key: string): string[] => [
  [...key].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join(''),
  `${key} `,
  key.slice(0, -1),
  `${key}0`,
  '',
];

/** As for texts, as far as labels go; and what a pattern would take an underscore for. What lies below belongs to it, and is left out. */
const nearPath = (key: string): string[] => [
  ...new Set([`${key}0`, key.slice(0, -1), key.replace(/_(?=[^_]*$)/, 'x')].filter((one) => one !== key)),
];

function unique(values: readonly string[], { base, modifier }: RlsColumn): string[] {
  const room = /^(varchar|bpchar)$/.test(base) && modifier > 4 ? modifier - 4 : Number.POSITIVE_INFINITY;
  const limit = limits[base] ?? Number.POSITIVE_INFINITY;
  return [...new Set(values)].filter((one) => one.length <= room && (!isWhole(one) || Math.abs(Number(one)) < limit));
}
