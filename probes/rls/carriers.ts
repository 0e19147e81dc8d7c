import type { RlsCatalogue, RlsFunction, RlsPolicy, RlsTable } from './types.ts';

/** One side of a comparison in a policy names a column, the other what says whose turn it is. */
export interface Comparison {
  readonly table: string;
  readonly column: string;
  readonly settings: readonly string[];
  readonly role: boolean;
  readonly text: string;
}

export interface Carriers {
  /** Every custom setting that policies read, themselves or through functions, most used first. */
  readonly settings: readonly string[];
  /** Keys looked up in a setting that holds JSON; absent: it holds the value itself. */
  readonly jsonKeys: ReadonlyMap<string, readonly string[]>;
  /** Policies look at who is connected. */
  readonly byRole: boolean;
  readonly bySession: boolean;
  readonly comparisons: readonly Comparison[];
  /** Columns of other tables in which functions of policies look a setting up: a session by its token. */
  readonly lookups: readonly Comparison[];
  /** Where settings are cut: at which mark, and which piece is taken. */
  readonly pieces: readonly { readonly mark: string; readonly piece: number }[];
  /** Names within names: `claims -> 'organization' ->> 'id'`. */
  readonly jsonPaths: readonly (readonly string[])[];
  /** Text literals of policies and their functions: what a switch may be set to. */
  readonly literals: readonly string[];
}

export function carriersOf({ policies, functions, tables, views }: RlsCatalogue): Carriers {
  const texts = policies.map((policy) => closure(policy.text, functions));
  const viewTexts = views.filter(({ kind }) => kind === 'v').map(({ definition }) => closure(definition, functions));
  const counts = new Map<string, number>();
  for (const text of [...texts, ...viewTexts])
    for (const name of settingsIn(text)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = [...texts, ...viewTexts].join('\n');
  const settings = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)));
  const strong = policies.flatMap((policy) => comparisonsIn(policy.text, policy.table, columns, functions));
  return {
    settings,
    jsonKeys: new Map(settings.flatMap((name) => jsonKeysOf(name, all, functions))),
    byRole: /\b(CURRENT_USER|CURRENT_ROLE|current_user|current_role)\b|current_setting\(\s*'role'|\bpg_has_role\(/.test(
      texts.join('\n'),
    ),
    bySession: /\bsession_user\b/i.test(texts.join('\n')),
    comparisons: strong.length > 0 ? strong : policies.flatMap((policy) => besides(policy, tables, functions)),
    lookups: lookupsIn(texts, { functions, tables, columns }),
    pieces: [...all.matchAll(/'([^']{1,3})'(?:::text)?\s*,\s*(\d)\s*\)/g)].map((match) => ({
      mark: match[1]!,
      piece: Number(match[2]),
    })),
    jsonPaths: pathsIn(all),
    literals: [...new Set([...texts.join('\n').matchAll(/'((?:[^']|''){0,40})'/g)].map((match) => match[1]!))]
      .filter((one) => one !== '' && !settings.includes(one))
      .slice(0, 40),
  };
}

interface Around {
  readonly functions: readonly RlsFunction[];
  readonly tables: readonly RlsTable[];
  readonly columns: ReadonlySet<string>;
}

function lookupsIn(texts: readonly string[], { functions, tables, columns }: Around): Comparison[] {
  const used = functions.filter((one) => texts.some((text) => calls(text, one)));
  return used.flatMap(({ source }) =>
    comparisonsIn(source, '', columns, functions).flatMap((one) =>
      tablesIn(source, tables)
        .filter((table) => table.columns.some(({ name }) => name === one.column))
        .map(({ oid }) => ({ ...one, table: oid })),
    ),
  );
}

/** Tables that a function's source reads or writes. */
export const tablesIn = (source: string, tables: readonly RlsTable[]): RlsTable[] =>
  tables.filter(({ name, schema }) =>
    new RegExp(
      String.raw`(?:\b(?:from|join|update|into|only|using|table)\s+|,\s*)(?:"?${escaped(schema)}"?\.)?"?${escaped(name)}"?(?![\w$."])`,
      'i',
    ).test(source),
  );

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Without casts: a type may have the name of a column. */
export const uncast = (text: string): string =>
  text.replaceAll(/::\s*"?[a-z_]\w*"?(?:\."?\w+"?)?(?: varying| precision| with(?:out)? time zone)?(?:\[\])?/gi, '');

/** A text and the sources of every function it calls, however deep. */
export function closure(text: string, functions: readonly RlsFunction[]): string {
  const seen = new Set<string>();
  const visit = (one: string): string => {
    const called = functions.filter((f) => !seen.has(f.oid) && calls(one, f));
    for (const { oid } of called) seen.add(oid);
    return [one, ...called.map(({ source }) => visit(source))].join('\n');
  };
  return visit(text);
}

const calls = (text: string, { name }: RlsFunction): boolean =>
  new RegExp(`(^|[^\\w$])"?${escaped(name)}"?\\s*\\(`, 'i').test(text);

/** Settings of the platform's own have a dot in their name; those without are PostgreSQL's. */
const settingsIn = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/current_setting\(\s*'([^']+)'/gi)]
      .map((match) => match[1]!)
      .filter((name) => name.includes('.')),
  );

function jsonKeysOf(name: string, text: string, functions: readonly RlsFunction[]): [string, string[]][] {
  const at = [...text.matchAll(new RegExp(`current_setting\\(\\s*'${name.replaceAll('.', '\\.')}'`, 'gi'))];
  const isJson = at.some((match) => /^[^;]{0,120}?::\s*jsonb?\b/i.test(text.slice(match.index)));
  if (!isJson) return [];
  const keys = [...[...text.matchAll(/->>?\s*'([^']+)'/g)].map((match) => match[1]!), ...pathsIn(text).flat()];
  const getters = functions.filter(({ source }) => settingsIn(source).has(name) && takesAnyKey.test(source));
  const asked = getters.flatMap((one) => argumentsOf(text, one));
  return [[name, [...new Set([...keys, ...asked])]]];
}

const key = "'([^']+)'(?:::text)?";
const chain = new RegExp(String.raw`((?:->\s*${key}\)*\s*)+)->>\s*${key}`, 'g');

function pathsIn(text: string): string[][] {
  const chained = [...text.matchAll(chain)].map((match) =>
    [...match[0].matchAll(new RegExp(key, 'g'))].map((one) => one[1]!),
  );
  const listed = [...text.matchAll(/#>>?\s*'\{([^}']+)\}'/g)].map((match) =>
    match[1]!.split(',').map((one) => one.trim()),
  );
  return [...chained, ...listed].filter((one) => one.length > 1);
}

/** `claims ->> $1`: which claim is meant stands where the function is called. */
const takesAnyKey = /(->>?|#>>?)\s*\(*\$?"?\w/;

const argumentsOf = (text: string, { name }: RlsFunction): string[] =>
  [...text.matchAll(new RegExp(`(?:^|[^\\w$])"?${escaped(name)}"?\\(\\s*'([^']+)'`, 'gi'))].map((match) => match[1]!);

function comparisonsIn(
  text: string,
  table: string,
  columns: ReadonlySet<string>,
  functions: readonly RlsFunction[],
): Comparison[] {
  return atomsOf(text).flatMap((atom) => {
    const { settings, role } = turnIn(closure(atom, functions));
    if (settings.length === 0 && !role) return [];
    return namesCompared(atom)
      .filter((column) => columns.has(column))
      .map((column) => ({ table, column, settings, role, text: atom.trim() }));
  });
}

/** Where no policy says `column = …`, whatever column of the table stands in the same condition as what says whose turn it is: `path <@ …`. */
function besides(policy: RlsPolicy, tables: readonly RlsTable[], functions: readonly RlsFunction[]): Comparison[] {
  const own = tables.find(({ oid }) => oid === policy.table)?.columns ?? [];
  return atomsOf(policy.text).flatMap((atom) => {
    const { settings, role } = turnIn(closure(atom, functions));
    if (settings.length === 0 && !role) return [];
    const words = uncast(atom.replaceAll(/'(?:[^']|'')*'/g, "''"));
    return own
      .filter((column) => new RegExp(`(?<![\\w$])"?${escaped(column.name)}"?(?![\\w$"]|\\s*\\()`).test(words))
      .map((column) => ({ table: policy.table, column: column.name, settings, role, text: atom.trim() }));
  });
}

const atomsOf = (text: string): string[] => text.split(/\s+(?:AND|OR|WHERE|ON)\s+|\bWHERE\b/);

const turnIn = (meant: string): { settings: string[]; role: boolean } => ({
  settings: [...settingsIn(meant)],
  role: /\b(CURRENT_USER|SESSION_USER|CURRENT_ROLE)\b|\bpg_has_role\(/i.test(meant),
});

const name = String.raw`(?:(?:"[^"]+"|\w+)\.)?("[^"]+"|\w+)`;
const before = new RegExp(String.raw`${name}\)*(?:::[\w ."]+)?\)*\s*(?:=|IN\b|IS NOT DISTINCT FROM|~~)`, 'g');
const after = new RegExp(String.raw`(?:=|IS NOT DISTINCT FROM)\s*\(*${name}\)*(?!\s*\()`, 'g');

function namesCompared(atom: string): string[] {
  const found = [...atom.matchAll(before), ...atom.matchAll(after)].map((match) => match[1]!);
  return found.map((one) => one.replace(/^"|"$/g, ''));
}
