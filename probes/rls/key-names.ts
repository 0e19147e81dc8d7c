import type { Carriers } from './carriers.ts';
import type { ForeignKey, RlsCatalogue, RlsTable } from './types.ts';

export interface Root {
  readonly table: RlsTable;
  readonly column: string;
}

const tenantish =
  /tenant|org|workspace|account|customer|client|company|shop|store|team|mandant|kunde|firm|site|school|merchant/i;

export const mainSetting = ({ settings, comparisons }: Carriers): string | null => {
  const used = (name: string) => comparisons.filter((one) => one.settings.includes(name)).length;
  const score = (name: string) =>
    used(name) +
    (/tenant/i.test(name) ? 1000 : tenantish.test(name) ? 100 : 0) -
    (/admin|role|user/i.test(name) ? 500 : 0);
  return [...settings].sort((a, b) => score(b) - score(a))[0] ?? null;
};

export const votesFor = ({ comparisons }: Carriers, setting: string | null): Map<string, Set<string>> => {
  const votes = new Map<string, Set<string>>();
  for (const one of comparisons.filter((c) => (setting ? c.settings.includes(setting) : c.role)))
    votes.set(one.table, (votes.get(one.table) ?? new Set()).add(one.column));
  return votes;
};

/** Well-known names weigh as much as ten tables; what policies compare with the setting weighs five a table. */
const families: readonly (readonly [RegExp, number])[] = [
  [/^tenant(_?(id|uuid|key|no|nr|code|slug|ref))?$/i, 60],
  [/^(organi[sz]ation|org|workspace)(_?(id|uuid|key|no|code|slug))?$/i, 30],
  [
    /^(company|customer|client|account|team|merchant|shop|store|mandant|firm|site|school)_?(id|uuid|key|no|nr|code|slug)$/i,
    10,
  ],
];

export function tenantNames({ tables }: RlsCatalogue, { comparisons }: Carriers, setting: string | null): string[] {
  const voted = comparisons
    .filter((one) => (setting ? one.settings.includes(setting) : one.role))
    .map(({ column }) => column);
  const all = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)));
  const ids = new Set(['id', 'uuid', 'name', 'key', 'slug', 'code']);
  const score = (name: string) =>
    voted.filter((one) => one === name).length * 5 +
    (families.find(([pattern]) => pattern.test(name))?.[1] ?? 0) *
      Math.min(1, tables.filter((t) => t.columns.some((c) => c.name === name)).length);
  const scored = [...all]
    .filter((name) => !ids.has(name))
    .map((name) => [name, score(name)] as const)
    .filter(([, points]) => points > 0);
  const best = Math.max(0, ...scored.map(([, points]) => points));
  // A name that only a family suggests counts when nothing is stronger; one that policies compare with the setting always does.
  return scored
    .filter(([name, points]) => points === best || voted.includes(name) || points >= 60)
    .sort((a, b) => b[1] - a[1])
    .map(([name]) => name);
}

export function rootOf(
  tables: readonly RlsTable[],
  foreignKeys: readonly ForeignKey[],
  names: readonly string[],
): Root | null {
  for (const name of names.slice(0, 3)) {
    const targets = foreignKeys.filter(
      (key) => key.columns.length === 1 && key.columns[0] === name && key.from !== key.to,
    );
    const [most] = [...Map.groupBy(targets, (key) => `${key.to} ${key.refColumns[0]}`).values()].sort(
      (a, b) => b.length - a.length,
    );
    const table = most && tables.find(({ oid }) => oid === most[0]!.to);
    if (table) return { table, column: most[0]!.refColumns[0]! };
    const stem = name.replace(/_?(id|uuid|key|no|nr|code|slug|ref)$/i, '').toLowerCase();
    const named = tables.find(
      (one) =>
        stem !== '' && plural(stem).includes(one.name.toLowerCase()) && !one.columns.some((c) => c.name === name),
    );
    const key = named?.uniques.find((one) => one.primary && one.columns.length === 1)?.columns[0];
    if (named && key) return { table: named, column: key };
    // The tenants may be keyed by the very column the others carry.
    const own = tables.find(
      (one) =>
        plural(stem).includes(one.name.toLowerCase()) &&
        one.uniques.some((u) => u.primary && u.columns.join() === name),
    );
    if (own) return { table: own, column: name };
  }
  return null;
}

export const plural = (stem: string): string[] => [stem, `${stem}s`, `${stem}es`, stem.replace(/y$/, 'ies')];

const person = /user|person|people|member|login|mail|author|owner|assign|driver|staff|employee|profile|_by$/i;

/** Where a tenant is named by several columns: those that policies compare with further settings, and that share a key with the first. */
export function partsOf(
  { tables }: RlsCatalogue,
  { comparisons }: Carriers,
  setting: string | null,
  names: readonly string[],
): string[] {
  const main = names[0];
  const keyed = tables.filter(({ columns }) => columns.some(({ name }) => name === main));
  const isPart = (column: string): boolean => {
    const sharing = keyed.filter(({ columns }) => columns.some(({ name }) => name === column));
    const together = sharing.some(({ uniques }) =>
      uniques.some(({ columns }) => columns.includes(column) && columns.includes(main!)),
    );
    return together && sharing.length * 2 >= keyed.length;
  };
  const compared = comparisons
    .filter(({ settings }) => settings.length > 0 && !settings.includes(setting ?? ''))
    .map(({ column }) => column);
  return [...new Set(compared)].filter((one) => !names.includes(one) && !person.test(one) && isPart(one));
}
