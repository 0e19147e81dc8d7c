import { quoted } from '../catalogue.ts';
import { closure, uncast } from './carriers.ts';
import { type Ground, type Stage, sceneOf } from './ground.ts';
import { foreignInsert } from './inserts.ts';
import type { Probe } from './probe.ts';
import { reads } from './reads.ts';
import type { RlsPolicy, RlsTable } from './types.ts';
import { writes } from './writes.ts';

/** A condition within a boolean expression, and whether a NOT stands above it. */
export interface Atom {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly negated: boolean;
}

/**
 * Conditions that ask about neither the row nor the role (a setting nobody can guess, the clock, an address) will one day hold.
 * Each is taken to hold, in the policy itself, and the tenant must still reach nothing but its own.
 */
export function armProbes(stage: Stage, ground: Ground): Probe[] {
  const mine = stage.world.catalogue.policies.filter(({ table }) => table === ground.table.oid);
  return mine.flatMap((policy) =>
    armsOf(stage, ground.table, policy).flatMap(({ asked, alter }) => {
      const scene = sceneOf(stage, stage.own, { before: alter });
      const insert = foreignInsert(stage, ground, scene, true);
      return [...reads(ground, scene, true), ...writes(ground, scene, true), ...(insert ? [insert] : [])].map(
        (probe): Probe => ({
          ...probe,
          rule: 'R12',
          own: false,
          mayFail: true,
          proves: () => false,
          variant: `${probe.variant}, when ${asked} answers in its favour`,
        }),
      );
    }),
  );
}

interface Arm {
  readonly asked: string;
  readonly alter: string;
}

function armsOf(stage: Stage, table: RlsTable, policy: RlsPolicy): Arm[] {
  const sides = [
    ['using', policy.using],
    ['with check', policy.check],
  ] as const;
  return sides.flatMap(([clause, text]) => {
    if (text === null) return [];
    const open = atomsOf(text).filter((atom) => isOpen(stage, table, atom.text));
    const sets = [...open.map((one) => [one]), ...(open.length > 1 ? [open] : [])];
    return sets.map((atoms) => ({
      asked: atoms.map((one) => one.text).join(' and '),
      alter: `alter policy ${quoted(policy.name)} on ${table.sql} ${clause} (${granted(text, atoms)})`,
    }));
  });
}

/** Each of these conditions replaced by what lets more through. */
function granted(text: string, atoms: readonly Atom[]): string {
  return [...atoms]
    .sort((a, b) => b.start - a.start)
    .reduce((whole, { start, end, negated }) => whole.slice(0, start) + String(!negated) + whole.slice(end), text);
}

const aboutTheSession =
  /\b(inet_(client|server)_(addr|port)|pg_backend_pid|random|gen_random_uuid|clock_timestamp|timeofday|now|(statement|transaction)_timestamp|current_query|current_schemas?|pg_trigger_depth|pg_is_in_recovery|txid_current|pg_current_xact_id|pg_postmaster_start_time)\s*\(|\b(current_date|current_time(stamp)?|localtime(stamp)?|current_schema)\b/i;
const aboutTheRole =
  /\b(current_user|session_user|current_role|user)\b|pg_has_role|has_\w+_privilege|current_setting\(\s*'(role|session_authorization|is_superuser)'/i;

function isOpen({ world }: Stage, table: RlsTable, atom: string): boolean {
  const meant = closure(atom, world.catalogue.functions);
  if (aboutTheRole.test(meant) || /\b(select|from)\b/i.test(bodyless(meant))) return false;
  if (
    table.columns.some(({ name }) =>
      new RegExp(`(?<![\\w'.])"?${name.replaceAll(/\W/g, '\\$&')}"?(?![\\w'(])`).test(uncast(atom)),
    )
  )
    return false;
  return aboutTheSession.test(meant) || /current_setting\(/i.test(meant);
}

/** Without what wraps the body of a function: `select` of an expression alone reads no table. */
const bodyless = (text: string): string =>
  /\b(from|join)\s+["\w]/i.test(text.replaceAll(/extract\([^)]*\)|CREATE OR REPLACE[^\n]*/gi, ''))
    ? text
    : text.replaceAll(/\bselect\b/gi, '').replaceAll(/\bfrom\b/gi, '');

/** The smallest conditions that AND, OR and NOT join, in the text as PostgreSQL writes it. */
export function atomsOf(text: string, offset = 0, negated = false): Atom[] {
  const [start, end] = unwrapped(text);
  const inner = text.slice(start, end);
  const cuts = joints(inner);
  if (cuts.length > 0) {
    const bounds = [
      ...cuts.map(([at, length]) => ({ from: at, to: at + length })),
      { from: inner.length, to: inner.length },
    ];
    let begin = 0;
    return bounds.flatMap(({ from, to }) => {
      const found = atomsOf(inner.slice(begin, from), offset + start + begin, negated);
      begin = to;
      return found;
    });
  }
  const not = /^\s*NOT\s+/i.exec(inner);
  if (not) return atomsOf(inner.slice(not[0].length), offset + start + not[0].length, !negated);
  return [{ text: inner, start: offset + start, end: offset + end, negated }];
}

/** Where the text begins and ends without blanks and without parentheses around all of it. */
function unwrapped(text: string): [number, number] {
  let start = 0;
  let end = text.length;
  for (;;) {
    while (start < end && text[start] === ' ') start += 1;
    while (end > start && text[end - 1] === ' ') end -= 1;
    if (text[start] !== '(' || closing(text, start) !== end - 1) return [start, end];
    start += 1;
    end -= 1;
  }
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "'" || text[at] === '"') at = text.indexOf(text[at]!, at + 1);
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (at === -1) return -1;
    if (depth === 0) return at;
  }
  return -1;
}

/** Where AND and OR stand outside parentheses, quotes and CASE; with their length. */
function joints(text: string): [number, number][] {
  const found: [number, number][] = [];
  let depth = 0;
  for (const match of text.matchAll(/'(?:[^']|'')*'|"[^"]*"|[()]|\bCASE\b|\bEND\b|\s(?:AND|OR)\s/g)) {
    const [word] = match;
    if (word === '(' || word === 'CASE') depth += 1;
    else if (word === ')' || word === 'END') depth -= 1;
    else if (depth === 0 && /^\s(AND|OR)\s$/.test(word)) found.push([match.index, word.length]);
  }
  return found;
}
