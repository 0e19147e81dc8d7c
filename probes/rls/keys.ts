import type { Carriers } from './carriers.ts';
import { mainSetting, partsOf, type Root, rootOf, tenantNames, votesFor } from './key-names.ts';
import { answered, follow, joined, type KeyAnswers, namesAPerson, shared } from './key-paths.ts';

import type { ForeignKey, RlsCatalogue, RlsTable, TenantKey } from './types.ts';

export type { KeyAnswers } from './key-paths.ts';

export interface Keys {
  readonly of: ReadonlyMap<string, TenantKey>;
  readonly root: string | null;
  readonly rootKey: string | null;
  /** What the platform calls the tenant's column, most used first. */
  readonly names: readonly string[];
  /** Further columns that name the tenant together with the first. */
  readonly parts: readonly string[];
  readonly setting: string | null;
  readonly questions: ReadonlyMap<string, string>;
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
  shared(catalogue, carriers, of, questions, answers);
  follow(catalogue, of, questions, answers);
  // A part of a table is keyed as the whole is.
  for (let depth = 0; depth < 4; depth += 1)
    for (const table of tables) {
      const parent = table.partitionOf === null ? undefined : of.get(table.partitionOf);
      if (parent && !of.has(table.oid)) of.set(table.oid, parent);
    }
  unexplained(catalogue, carriers, of, questions, answers);
  const parts = partsOf(catalogue, carriers, setting, names);
  return { of, root: root?.table.oid ?? null, rootKey: root?.column ?? null, names, parts, setting, questions };
}

/** What one would change to make a row somebody else's. */
export function ownerColumns({ of, parts }: Pick<Keys, 'of' | 'parts'>, table: RlsTable): string[] {
  const key = of.get(table.oid);
  if (!key || key.kind === 'through') return [];
  if (key.kind === 'path') return [...key.columns];
  return [key.column, ...parts.filter((name) => table.columns.some((one) => one.name === name))].flatMap((name) =>
    sourcesOf(table, name),
  );
}

/** A column that the database draws from others is changed by changing those. */
export function sourcesOf(table: RlsTable, name: string): string[] {
  const column = table.columns.find((one) => one.name === name);
  if (!column?.generated) return [name];
  return table.columns
    .filter((one) => !one.generated && new RegExp(`\\b${one.name}\\b`).test(column.default ?? ''))
    .map((one) => one.name);
}

interface Known {
  readonly names: readonly string[];
  readonly root: Root | null;
  readonly votes: ReadonlyMap<string, ReadonlySet<string>>;
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
