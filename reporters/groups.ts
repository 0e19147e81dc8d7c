import type { AssertionVerdict, CheckVerdict, Report } from '../verdict/types.ts';
import { blamed, blockers } from './rows.ts';
import { duration, group, plural } from './words.ts';

/** What says the same many times is told once, with how often; `report.json` keeps each. */

function grouped<T>(all: readonly T[], key: (one: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const known = groups.get(key(one));
    if (known) known.push(one);
    else groups.set(key(one), [one]);
  }
  return [...groups.values()];
}

/** Texts that differ in their numbers and identifiers alone are about the same thing. */
const alike = (text: string): string =>
  text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, '#')
    .replaceAll(/-?\d+([.,: ]\d+)*/g, '#');

const key = (...parts: readonly unknown[]): string => JSON.stringify(parts.map((part) => part ?? null));

export interface RowGroup {
  /** `latency`, `all 6 rows`, `2 of 6 rows: query, batch`. */
  readonly label: string;
  /** The label's parts: how many rows, and which; the name alone where it is one. */
  readonly short: string;
  readonly names: string | undefined;
  readonly rows: readonly [AssertionVerdict, ...AssertionVerdict[]];
  /** What all of them share; undefined where each has its own. */
  readonly expected: string | undefined;
  readonly observed: string | undefined;
}

/** The rows to blame, those of one status and one reason together. */
export const blamedTogether = (check: CheckVerdict): readonly RowGroup[] =>
  grouped(blamed(check), (row) => key(row.status, timeless(row.why), row.needs)).map((rows) => ({
    ...labelOf(rows, check.assertions.length),
    rows,
    expected: shared(rows.map((row) => row.expected)),
    observed: shared(rows.map((row) => row.observed)),
  }));

/** When a promise was first broken is no other reason. */
const timeless = (why: string): string => why.replace(/[\d.]+ s into the run$/, '');

function labelOf(
  rows: readonly [AssertionVerdict, ...AssertionVerdict[]],
  all: number,
): Pick<RowGroup, 'label' | 'short' | 'names'> {
  if (rows.length === 1) return { label: rows[0].name, short: rows[0].name, names: undefined };
  const names = rows.map((row) => row.name).join(', ');
  const short = `${rows.length === all ? 'all' : `${group(rows.length)} of`} ${group(all)} rows`;
  return { label: `${short}: ${names}`, short, names };
}

const shared = ([first, ...others]: readonly string[]): string | undefined =>
  others.every((one) => one === first) ? first : undefined;

export interface Residue {
  /** `tenant`, `100 tenants`. */
  readonly what: string;
  readonly count: number;
  readonly ids: string;
  readonly why: string;
}

export const residueTogether = (report: Report): readonly Residue[] =>
  grouped(report.residue, ({ what, why }) => key(what, alike(why))).map((all) => ({
    what: all.length === 1 ? all[0].what : plural(all.length, all[0].what),
    count: all.length,
    ids: all.length === 1 ? all[0].id : someIds(all.map(({ id }) => id)),
    why: new Set(all.map(({ why }) => why)).size === 1 ? all[0].why : `first: ${all[0].why}`,
  }));

export const residueLine = ({ what, count, ids, why }: Residue): string =>
  count > 1 ? `${what} (${ids}): ${why}` : `${what} ${ids}: ${why}`;

const told = 3;

const someIds = (ids: readonly string[]): string =>
  ids.length <= told ? ids.join(', ') : `${ids.slice(0, told).map(brief).join(', ')}, … all in report.json`;

const brief = (id: string): string => ([...id].length <= 24 ? id : `${[...id].slice(0, 8).join('')}…`);

export interface Ours {
  /** `clock-jump`, `generator-starved 14 times`. */
  readonly what: string;
  readonly check: string | undefined;
  readonly when: string;
  readonly detail: string;
  readonly spoils: boolean;
}

export const oursTogether = (report: Report): readonly Ours[] =>
  grouped(report.ours, ({ what, check, spoils, detail }) => key(what, check, spoils, alike(detail))).map((all) => ({
    what: all.length === 1 ? all[0].what : `${all[0].what} ${group(all.length)} times`,
    check: all[0].check,
    when: `${duration(Math.min(...all.map(({ fromMs }) => fromMs)))} to ${duration(Math.max(...all.map(({ toMs }) => toMs)))}`,
    detail: new Set(all.map(({ detail }) => detail)).size === 1 ? all[0].detail : `first: ${all[0].detail}`,
    spoils: all[0].spoils === true,
  }));

/** "what times n, first: detail" */
export const oursLine = ({ what, detail }: Ours): string =>
  detail.startsWith('first: ') ? `${what}, ${detail}` : `${what}: ${detail}`;

/** Checks that wait for nothing but access, by what they need. */
export function waiting(report: Report): ReadonlyMap<string, readonly CheckVerdict[]> {
  const byNeed = new Map<string, CheckVerdict[]>();
  for (const check of blockers(report).filter(onlyWaits)) {
    const needs = [...new Set(check.assertions.flatMap((row) => row.needs ?? []))].join(' and ');
    byNeed.set(needs, [...(byNeed.get(needs) ?? []), check]);
  }
  return byNeed;
}

/** An expired waiver, or a row without a word on what it needs, wants telling in full. */
export const onlyWaits = (check: CheckVerdict): boolean =>
  check.status === 'not-verified' && !check.waiver?.expired && blamed(check).every((row) => row.needs !== undefined);
