import type { Carriers } from './carriers.ts';
import type { ForeignKey, RlsCatalogue, RlsColumn, RlsTable, TenantKey } from './types.ts';

export interface Keys {
  readonly of: ReadonlyMap<string, TenantKey>;
  readonly root: string | null;
  readonly rootKey: string | null;
  /** What the platform calls the tenant's column, most used first. */
  readonly names: readonly string[];
  readonly setting: string | null;
  readonly questions: ReadonlyMap<string, string>;
}

export interface KeyAnswers {
  readonly setting?: string;
  /** `schema.table` → column; the column '-' says: shared by design. */
  readonly columns: ReadonlyMap<string, string>;
}

/**
 * Whose a row is: by a column of its own, else by the shortest path of references that are never empty. Policies are evidence of
 * what the tenant is called, never of what they should allow.
 */
export function keysOf(catalogue: RlsCatalogue, carriers: Carriers, answers: KeyAnswers): Keys {
  const { tables, foreignKeys } = catalogue;
  const setting = answers.setting ?? mainSetting(carriers);
  const names = tenantNames(catalogue, carriers, setting);
  const root = rootOf(tables, foreignKeys, names);
  const known: Known = { names, root, votes: votesFor(carriers, setting) };
  const of = new Map<string, TenantKey>();
  const questions = new Map<string, string>();
  for (const table of tables) {
    const found = answered(table, answers) ?? direct(table, foreignKeys, known);
    if (found === 'shared') continue;
    if (typeof found === 'string') questions.set(table.oid, found);
    else if (found) of.set(table.oid, found);
  }
  follow(catalogue, of, questions, answers);
  joined(catalogue, of, questions, answers);
  // A part of a table is keyed as the whole is.
  for (let depth = 0; depth < 4; depth += 1)
    for (const table of tables) {
      const parent = table.partitionOf === null ? undefined : of.get(table.partitionOf);
      if (parent && !of.has(table.oid)) of.set(table.oid, parent);
    }
  unexplained(catalogue, carriers, of, questions, answers);
  return { of, root: root?.table.oid ?? null, rootKey: root?.column ?? null, names, setting, questions };
}

interface Known {
  readonly names: readonly string[];
  readonly root: { readonly table: RlsTable; readonly column: string } | null;
  readonly votes: ReadonlyMap<string, ReadonlySet<string>>;
}

const tenantish =
  /tenant|org|workspace|account|customer|client|company|shop|store|team|mandant|kunde|firm|site|school|merchant/i;

const mainSetting = ({ settings, comparisons }: Carriers): string | null => {
  const used = (name: string) => comparisons.filter((one) => one.settings.includes(name)).length;
  const score = (name: string) =>
    used(name) +
    (/tenant/i.test(name) ? 1000 : tenantish.test(name) ? 100 : 0) -
    (/admin|role|user/i.test(name) ? 500 : 0);
  return [...settings].sort((a, b) => score(b) - score(a))[0] ?? null;
};

const votesFor = ({ comparisons }: Carriers, setting: string | null): Map<string, Set<string>> => {
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

function tenantNames({ tables }: RlsCatalogue, { comparisons }: Carriers, setting: string | null): string[] {
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

function rootOf(
  tables: readonly RlsTable[],
  foreignKeys: readonly ForeignKey[],
  names: readonly string[],
): Known['root'] {
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

function answered(table: RlsTable, { columns }: KeyAnswers): TenantKey | 'shared' | null {
  const column = columns.get(table.label) ?? columns.get(table.name);
  if (column === undefined) return null;
  return column === '-' ? 'shared' : { kind: 'column', column };
}

/** A key, a question, or null when it has no column of its own. */
function direct(
  table: RlsTable,
  foreignKeys: readonly ForeignKey[],
  { names, root, votes }: Known,
): TenantKey | string | null {
  if (root && table.oid === root.table.oid) return { kind: 'root', column: root.column };
  const own = names.filter((name) => table.columns.some((column) => column.name === name));
  const toRoot = foreignKeys
    .filter(
      (key) =>
        key.from === table.oid &&
        key.to === root?.table.oid &&
        key.columns.length === 1 &&
        (key.notNull || !namesAPerson(key.columns[0]!)),
    )
    .map((key) => key.columns[0]!);
  const voted = [...(votes.get(table.oid) ?? [])].filter((name) => [...own, ...toRoot].includes(name));
  if (own.includes(names[0]!)) return { kind: 'column', column: names[0]! };
  if (voted.length === 1) return { kind: 'column', column: voted[0]! };
  const candidates = [...new Set([...own, ...toRoot])];
  if (candidates.length === 1) return { kind: 'column', column: candidates[0]! };
  if (candidates.length > 1) return `which column says whose a row of ${table.label} is: ${candidates.join(' or ')}?`;
  return null;
}

/** Tables without a column of their own, and those whose column may be empty while a reference may not. */
function follow(
  { tables, foreignKeys }: RlsCatalogue,
  of: Map<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): void {
  const open = (table: RlsTable) =>
    !of.has(table.oid) && !questions.has(table.oid) && answered(table, answers) !== 'shared';
  for (const strength of ['never empty', 'may be empty', 'by name'] as const)
    for (let before = -1; before !== of.size; ) {
      before = of.size;
      const found = tables.filter(open).flatMap((table) => {
        const path = pathFrom(table, strength, { tables, foreignKeys, of });
        return path ? [[table.oid, path] as const] : [];
      });
      for (const [oid, path] of found) of.set(oid, path);
      if (strength !== 'never empty' && found.length > 0)
        for (let grown = -1; grown !== of.size; ) grown = settle(tables.filter(open), foreignKeys, of, tables);
    }
  for (const table of tables) {
    const key = of.get(table.oid);
    const column = key?.kind === 'column' ? table.columns.find(({ name }) => name === key.column) : undefined;
    if (!column || column.notNull || answers.columns.has(table.label)) continue;
    const path = pathFrom(table, 'never empty', {
      tables,
      foreignKeys: foreignKeys.filter((one) => !one.columns.includes(column.name)),
      of,
    });
    if (path && path.kind === 'path' && of.get(path.to)?.kind !== 'root') of.set(table.oid, path);
  }
}

/** Whatever hangs on a table found by a weaker path hangs on it as firmly as its own references say. */
function settle(
  open: readonly RlsTable[],
  foreignKeys: readonly ForeignKey[],
  of: Map<string, TenantKey>,
  tables: readonly RlsTable[],
): number {
  for (const table of open) {
    const path = of.has(table.oid) ? null : pathFrom(table, 'never empty', { tables, foreignKeys, of });
    if (path) of.set(table.oid, path);
  }
  return of.size;
}

interface Around {
  readonly tables: readonly RlsTable[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly of: ReadonlyMap<string, TenantKey>;
}

function pathFrom(
  table: RlsTable,
  strength: 'never empty' | 'may be empty' | 'by name',
  { tables, foreignKeys, of }: Around,
): TenantKey | null {
  if (strength === 'by name') return byName(table, tables, of);
  const key = foreignKeys.find(
    (one) =>
      one.from === table.oid &&
      one.to !== table.oid &&
      of.has(one.to) &&
      (strength === 'may be empty' || one.notNull) &&
      (one.notNull || !one.columns.every(namesAPerson)),
  );
  return key ? { kind: 'path', columns: key.columns, to: key.to, refColumns: key.refColumns } : null;
}

/** `updated_by` says who wrote a shared row, not whose row it is. */
const namesAPerson = (column: string): boolean => /(_by|By)$|^author|^reviewer|^approver/.test(column);

function byName(table: RlsTable, tables: readonly RlsTable[], of: ReadonlyMap<string, TenantKey>): TenantKey | null {
  for (const column of table.columns.filter((one) => one.notNull)) {
    const parent = tables.find((one) => of.has(one.oid) && one.oid !== table.oid && isNamedAfter(column, one));
    const key = parent?.uniques.find((one) => one.primary)?.columns[0];
    if (parent && key) return { kind: 'path', columns: [column.name], to: parent.oid, refColumns: [key] };
  }
  return null;
}

function isNamedAfter(column: RlsColumn, table: RlsTable): boolean {
  const stem = /^(.+?)_?(id|uuid|no|nr)$/i.exec(column.name)?.[1]?.toLowerCase();
  const key = table.uniques.find((one) => one.primary && one.columns.length === 1)?.columns[0];
  const type = table.columns.find(({ name }) => name === key)?.base;
  return stem !== undefined && plural(stem).includes(table.name.toLowerCase()) && type === column.base;
}

/** `users.email = tokens.identifier` in a policy of tokens: its rows belong to whoever has that unique address. */
function joined(
  { tables, policies }: RlsCatalogue,
  of: Map<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): void {
  for (const table of tables) {
    if (of.has(table.oid) || questions.has(table.oid) || answered(table, answers) === 'shared') continue;
    const mine = policies.filter((policy) => policy.table === table.oid);
    const parents = tables.filter((one) => of.has(one.oid) && mine.some((policy) => policy.tables.includes(one.oid)));
    for (const [theirs, own] of mine.flatMap(({ text }) => pairsIn(text, table.name))) {
      const parent = parents.find((one) => one.uniques.some((unique) => unique.columns.join() === theirs));
      if (parent && table.columns.some(({ name }) => name === own) && !of.has(table.oid))
        of.set(table.oid, { kind: 'path', columns: [own], to: parent.oid, refColumns: [theirs] });
    }
  }
}

/** Other table's column and own column of each comparison between the two, either way round. */
function pairsIn(text: string, own: string): [string, string][] {
  const side = String.raw`\(*"?(\w+)"?\."?(\w+)"?\)*(?:::\w+)?`;
  return [...text.matchAll(new RegExp(`${side}\\s*=\\s*${side}`, 'g'))].flatMap((match): [string, string][] => {
    const [, left, leftColumn, right, rightColumn] = match as unknown as string[];
    if (right === own) return [[leftColumn!, rightColumn!]];
    return left === own ? [[rightColumn!, leftColumn!]] : [];
  });
}

/** A table whose policies ask whose turn it is holds tenants' rows, even when we cannot tell by what. */
function unexplained(
  { tables, policies }: RlsCatalogue,
  { comparisons, settings }: Carriers,
  of: ReadonlyMap<string, TenantKey>,
  questions: Map<string, string>,
  answers: KeyAnswers,
): void {
  for (const table of tables) {
    if (of.has(table.oid) || questions.has(table.oid) || answered(table, answers) === 'shared') continue;
    const guarded =
      comparisons.some((one) => one.table === table.oid) ||
      policies.some((policy) => policy.table === table.oid && settings.some((name) => policy.text.includes(name)));
    if (guarded)
      questions.set(
        table.oid,
        `its policies look at the tenant, but no column or reference of ${table.label} says whose a row is: which does?`,
      );
  }
}
