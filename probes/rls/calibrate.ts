import { type Assignment, contextsOf } from './contexts.ts';
import { groundOf, type Stage, sceneOf } from './matrix.ts';
import { play } from './stage.ts';
import type { RlsTable } from './types.ts';

/**
 * Finds out what the settings want to hold: the tenant's key, or another value of a tenant's rows (its slug, a user's id). The
 * assignment under which the role reaches most of its own rows is the platform's; nothing is judged here.
 */
export async function calibrate(stage: Stage, first: Assignment, tables: readonly RlsTable[]): Promise<Assignment> {
  const readable = tables.filter(({ oid }) => stage.privileges.get(oid)?.select);
  let best = { assignment: first, reached: await reached(stage, first, readable) };
  if (best.reached === readable.length) return first;
  for (const [setting, source] of first.settings) {
    if (best.reached === readable.length) break;
    const wanted = source === 'key' ? rootColumns(stage) : [];
    for (const other of [...wanted, ...comparedColumns(stage, setting)]) {
      const assignment = { settings: new Map([...best.assignment.settings, [setting, other]]) };
      const now = await reached(stage, assignment, readable);
      if (now > best.reached) best = { assignment, reached: now };
    }
  }
  return best.assignment;
}

const rootColumns = ({ world }: Stage) => {
  const root = world.catalogue.tables.find(({ oid }) => oid === world.keys.root);
  return (root?.columns ?? [])
    .filter(({ name, base }) => name !== world.keys.rootKey && /^(text|varchar|citext|uuid|int[248]|name)$/.test(base))
    .map(({ name }) => ({ table: root!.oid, column: name }));
};

/** Columns that policies compare with this setting, wherever such a column is. */
const comparedColumns = ({ world }: Stage, setting: string) => {
  const names = new Set(
    world.carriers.comparisons.filter((one) => one.settings.includes(setting)).map(({ column }) => column),
  );
  return world.catalogue.tables.flatMap((table) =>
    table.columns
      .filter(({ name }) => names.has(name) && !world.keys.names.includes(name))
      .map(({ name }) => ({ table: table.oid, column: name })),
  );
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
