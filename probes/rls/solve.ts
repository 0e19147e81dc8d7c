import { quoted } from '../catalogue.ts';
import { type Database, DatabaseFailure } from '../postgres.ts';
import { uncast } from './carriers.ts';
import { patternsIn, samplesOf } from './patterns.ts';
import type { RlsColumn, RlsTable } from './types.ts';
import { candidates, literal, type Origin, type Value } from './values.ts';

/** Values that a constraint or a policy names, column by column. */
export function listedValues(table: RlsTable, column: RlsColumn, policies: readonly string[]): string[] {
  const spoken = policies
    .flatMap((text) => text.split(/\s(?:AND|OR)\s/))
    .filter((atom) => new RegExp(`\\b${escaped(column.name)}\\b`).test(uncast(atom)));
  const texts = [
    ...table.checks.filter((check) => check.columns.includes(column.name)).map(({ expression }) => expression),
    ...column.domainChecks,
    ...spoken,
  ];
  const ofPolicies = texts.slice(texts.length - spoken.length).flatMap(patternedIn);
  return [...new Set([...texts.flatMap(literalsIn), ...ofPolicies])];
}

/** What a pattern of a policy lets in is worth having in a row, like a word that it compares with. */
const patternedIn = (text: string): string[] =>
  [
    ...[...text.matchAll(/~~\*?\s*\(*'((?:[^']|'')*)'/g)].map((match) =>
      match[1]!.replaceAll(/%/g, '').replaceAll('_', 'x'),
    ),
    ...patternsIn([text]).flatMap((one) => samplesOf(one, one, 1)),
  ].filter((one) => one !== '');

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function literalsIn(text: string): string[] {
  const withoutPatterns = text.replaceAll(/(~\*?|~~\*?|LIKE|current_setting\()\s*\(*'(?:[^']|'')*'/gi, '');
  const strings = [...withoutPatterns.matchAll(/'((?:[^']|'')*)'/g)].map((match) => match[1]!.replaceAll("''", "'"));
  const numbers = [...withoutPatterns.replaceAll(/'(?:[^']|'')*'/g, '').matchAll(/(?<![\w.])-?\d+(?:\.\d+)?/g)].map(
    (match) => match[0],
  );
  return [...strings, ...numbers.flatMap((one) => [one, String(Number(one) + 1), String(Number(one) - 1)])];
}

/** The first candidate that the column's own constraints take; the database itself is asked. */
export async function solveColumn(
  all: Database['all'],
  table: RlsTable,
  column: RlsColumn,
  origin: Origin,
  policies: readonly string[],
  taken: ReadonlySet<Value> = new Set(),
): Promise<Value> {
  const listed = listedValues(table, column, policies);
  // A value that a constraint or policy names is no good for a column in which no two rows may be alike.
  const isUnique = table.uniques.some(({ columns }) => columns.join() === column.name);
  const ownChecks = table.checks.filter((check) => check.columns.includes(column.name));
  const patterns = patternsIn([...ownChecks.map(({ expression }) => expression), ...column.domainChecks]);
  const wanted = isUnique
    ? [...candidates(column, origin, [], patterns), ...candidates(column, origin, listed, patterns)]
    : candidates(column, origin, listed, patterns);
  const tried = wanted.filter((one) => !taken.has(one));
  const conditions = [
    ...table.checks.filter((check) => check.columns.join() === column.name).map(({ expression }) => expression),
    ...column.domainChecks.map((one) => one.replaceAll(/\bVALUE\b/g, quoted(column.name))),
  ];
  if (conditions.length === 0) return tried[0] ?? null;
  const domainFree = column.domainChecks.length > 0 ? baseType(column) : column.type;
  for (const value of tried)
    if (
      await holds(
        all,
        `select true from (select ${literal(value, { type: domainFree })} as ${quoted(column.name)}) as ${quoted(table.name)} where ${allOf(conditions)}`,
      )
    )
      return value;
  return tried[0] ?? null;
}

const baseType = ({ base }: RlsColumn): string => (base.startsWith('_') ? `${base.slice(1)}[]` : base);
const allOf = (conditions: readonly string[]): string => conditions.map((one) => `(${one})`).join(' and ');

/** A condition over several columns: the smallest change of the row that satisfies it. */
export async function solveCheck(
  all: Database['all'],
  table: RlsTable,
  name: string,
  row: Map<string, Value>,
  choices: (column: RlsColumn) => readonly Value[],
  fixed: ReadonlySet<string>,
): Promise<boolean> {
  const check = table.checks.find((one) => one.name === name);
  if (!check) return false;
  const conditions = table.checks.filter((one) => one.columns.some((column) => check.columns.includes(column)));
  const columns = table.columns.filter((column) => conditions.some((one) => one.columns.includes(column.name)));
  const options = columns.map((column) =>
    fixed.has(column.name)
      ? [row.get(column.name) ?? null]
      : [...new Set([row.get(column.name) ?? null, ...choices(column)])].slice(0, 14),
  );
  for (const combination of combinations(options, 1500)) {
    const source = columns
      .map((column, at) => `${literal(combination[at]!, column)} as ${quoted(column.name)}`)
      .join(', ');
    if (
      !(await holds(
        all,
        `select true from (select ${source}) as ${quoted(table.name)} where ${conditions.map((one) => `coalesce((${one.expression}), true)`).join(' and ')}`,
      ))
    )
      continue;
    for (const [at, column] of columns.entries()) row.set(column.name, combination[at]!);
    return true;
  }
  return false;
}

function* combinations(options: readonly (readonly Value[])[], most: number): Generator<Value[]> {
  const total = Math.min(
    most,
    options.reduce((product, one) => product * one.length, 1),
  );
  for (let index = 0; index < total; index += 1) {
    let rest = index;
    yield options.map((one) => {
      const value = one[rest % one.length]!;
      rest = Math.floor(rest / one.length);
      return value;
    });
  }
}

export async function holds(all: Database['all'], sql: string): Promise<boolean> {
  try {
    const [, rows] = await all(`savepoint sd_try; ${sql}; release savepoint sd_try`);
    return rows !== undefined && rows.length > 0;
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    await all('rollback to savepoint sd_try; release savepoint sd_try');
    return false;
  }
}
