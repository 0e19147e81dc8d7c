import { type Assignment, contextsOf, type Source } from './contexts.ts';
import { groundOf, type Stage, sceneOf } from './ground.ts';
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

function sourcesFor(stage: Stage, setting: string, first: Assignment): Source[] {
  const isMain = first.settings.get(setting) === 'key';
  const { carriers } = stage.world;
  return [
    ...(isMain ? [...shapes(stage, setting), ...rootColumns(stage)] : []),
    ...comparedColumns(stage, setting),
    ...(isMain ? [] : carriers.literals.slice(0, mostWords).map((word) => ({ word }))),
  ];
}

const mostWords = 16;

const shapes = ({ world }: Stage, setting: string): Source[] =>
  world.carriers.jsonKeys.has(setting) ? ['JSON list'] : ['array'];

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
