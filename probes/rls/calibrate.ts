import { type Assignment, contextsOf, type Source } from './contexts.ts';
import { groundOf, type Stage, sceneOf } from './ground.ts';
import { insertProbe } from './insert-probe.ts';
import { play } from './stage.ts';
import type { RlsTable } from './types.ts';

interface Tried {
  readonly assignment: Assignment;
  /** In how many tables the role reaches rows of its own. */
  readonly reached: number;
}

/**
 * Finds out what the settings want to hold: the tenant's key, or another value of a tenant's rows (its slug, a user's id, the token
 * of a session). The assignment under which the role reaches most of its own rows is the platform's; nothing is judged here.
 */
export async function calibrate(stage: Stage, first: Assignment, tables: readonly RlsTable[]): Promise<Assignment> {
  return asMostMay(stage, await readingMost(stage, first, tables), tables);
}

async function readingMost(stage: Stage, first: Assignment, tables: readonly RlsTable[]): Promise<Assignment> {
  const readable = tables.filter(({ oid }) => stage.privileges.get(oid)?.select);
  let best: Tried = { assignment: first, reached: await reached(stage, first, readable) };
  const settings = [...new Set([...first.settings.keys(), ...stage.world.carriers.settings])];
  for (const setting of settings)
    for (const source of sourcesFor(stage, setting, first)) {
      if (best.reached === readable.length) return best.assignment;
      const assignment = { settings: new Map([...best.assignment.settings, [setting, source]]) };
      const now = await reached(stage, assignment, readable);
      if (now > best.reached) best = { assignment, reached: now };
    }
  return best.assignment;
}

const mostPeople = 6;

/** Who reads as much as others may store more: of several people of the tenant's, the one in whose turn most tables take a row. */
async function asMostMay(stage: Stage, found: Assignment, tables: readonly RlsTable[]): Promise<Assignment> {
  const { rows } = stage.seeds;
  let best: Tried | null = null;
  for (const [setting, source] of found.settings) {
    if (typeof source !== 'object' || !('table' in source) || !isMembership(stage, source.table)) continue;
    const people = rows.filter((one) => one.tenant === 'a' && one.table.oid === source.table);
    for (const nth of people.slice(0, mostPeople).keys()) {
      const assignment: Assignment = { settings: new Map([...found.settings, [setting, { ...source, nth }]]) };
      const now = (await stored(stage, assignment, tables)) + (await reached(stage, assignment, tables));
      if (best === null || now > best.reached) best = { assignment, reached: now };
    }
  }
  return best?.assignment ?? found;
}

/** A tenant has several rows there: its members, and not itself. */
const isMembership = ({ world }: Stage, table: string): boolean => world.keys.of.get(table)?.kind === 'column';

async function stored(stage: Stage, assignment: Assignment, tables: readonly RlsTable[]): Promise<number> {
  const context = await contextsOf(stage.world, stage.seeds, assignment).of('a');
  let count = 0;
  for (const table of tables) {
    const ground = await groundOf(stage, table);
    if (typeof ground === 'string' || ground.privileges.insertable.length === 0) continue;
    const row = await stage.seeds.rehearse(table, 'a');
    if (typeof row === 'string') continue;
    const named = { rule: 'R07', variant: 'INSERT of its own' };
    const probe = insertProbe(ground, sceneOf(stage, context), row, true, named);
    const outcome = await play(stage.database, probe.scene, probe.statement, probe.look);
    if (outcome.ok && Number(outcome.after[0]?.n) > 0) count += 1;
  }
  return count;
}

function sourcesFor(stage: Stage, setting: string, first: Assignment): Source[] {
  const isMain = first.settings.get(setting) === 'key';
  const { carriers } = stage.world;
  return [
    ...(isMain ? shapes(stage, setting) : []),
    ...comparedColumns(stage, setting),
    ...(isMain ? rootColumns(stage) : []),
    ...(isMain ? [] : carriers.literals.slice(0, mostWords).map((word) => ({ word }))),
  ];
}

const mostWords = 16;

const shapes = ({ world }: Stage, setting: string): Source[] =>
  world.carriers.jsonKeys.has(setting) ? ['JSON list', 'array'] : ['array', ...world.carriers.pieces];

const rootColumns = ({ world }: Stage): Source[] => {
  const root = world.catalogue.tables.find(({ oid }) => oid === world.keys.root);
  return (root?.columns ?? [])
    .filter(({ name, base }) => name !== world.keys.rootKey && /^(text|varchar|citext|uuid|int[248]|name)$/.test(base))
    .map(({ name }) => ({ table: root!.oid, column: name }));
};

/** Columns that policies, or functions they call, compare with this setting, wherever such a column is. */
const comparedColumns = ({ world }: Stage, setting: string): Source[] => {
  const { comparisons, lookups } = world.carriers;
  const names = new Set(comparisons.filter((one) => one.settings.includes(setting)).map(({ column }) => column));
  const found = world.catalogue.tables.flatMap((table) =>
    table.columns
      .filter(({ name }) => names.has(name) && !world.keys.names.includes(name))
      .map(({ name }) => ({ table: table.oid, column: name })),
  );
  const looked = lookups
    .filter((one) => one.settings.includes(setting))
    .map(({ table, column }) => ({ table, column }));
  return [...looked, ...found];
};

async function reached(stage: Stage, assignment: Assignment, tables: readonly RlsTable[]): Promise<number> {
  const context = await contextsOf(stage.world, stage.seeds, assignment).of('a');
  let count = 0;
  for (const table of tables) {
    const ground = await groundOf(stage, table);
    if (typeof ground === 'string') continue;
    const mine = new Set(ground.mine.map(({ at }) => at));
    const outcome = await play(
      stage.database,
      sceneOf(stage, context),
      `select tableoid::text || ':' || ctid::text as at from ${table.sql} limit 1000`,
    );
    if (outcome.ok && outcome.rows.some((row) => mine.has(String(row.at)))) count += 1;
  }
  return count;
}
