import { quoted } from '../catalogue.ts';
import { type Database, DatabaseFailure, type Row } from '../postgres.ts';

/** What says whose turn it is: settings, or the role itself. */
export interface Context {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
  /** Whose turn it is; absent: nobody's. */
  readonly tenant?: string;
  /** Another role than the one under test, which it stands for. */
  readonly role?: string | null;
}

export interface Scene {
  readonly role: string;
  readonly context: Context;
  /** By the privileged role, before. */
  readonly before?: string;
  /** Without triggers and references, where they would hide what the policies do. */
  readonly replica?: boolean;
  readonly bySession?: boolean;
  /** Roles are tenants: rows that are not ours may be the role's own. */
  readonly seedsOnly?: boolean;
}

export type Outcome =
  | { readonly ok: true; readonly rows: readonly Row[]; readonly affected: number; readonly after: readonly Row[] }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One statement as the role under test; then, as the privileged role, a look at what it did; then it never happened. */
export async function play(database: Database, scene: Scene, statement: string, look?: string): Promise<Outcome> {
  const { bare } = database;
  let ready = !scene.before;
  try {
    if (scene.before) await bare(`savepoint ${probing}; ${scene.before}`);
    ready = true;
    const opening = scene.before ? enter(scene) : `savepoint ${probing}; ${enter(scene)}`;
    // COPY answers no rows, only how many there were.
    return /^\s*copy\b/i.test(statement)
      ? await copied(database, opening, statement)
      : await answered(database, opening, statement, look ? `${leave(scene)}; ${look}` : null);
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    if (!ready) return { ok: false, code: 'SD000', message: `it could not be prepared: ${error.message}` };
    return { ok: false, code: error.code, message: error.message };
  } finally {
    await bare(`rollback to savepoint ${probing}; release savepoint ${probing}`);
  }
}

const probing = 'sd_probe';

async function copied({ bare, affected }: Database, opening: string, statement: string): Promise<Outcome> {
  await bare(opening);
  return { ok: true, rows: [], affected: await affected(statement), after: [] };
}

/** All in one message; the look and what leads to it come last. */
async function answered(
  { all }: Database,
  opening: string,
  statement: string,
  closing: string | null,
): Promise<Outcome> {
  if (closing === null) {
    const rows = (await all(`${opening}; ${statement}`)).at(-1) ?? [];
    return { ok: true, rows, affected: 0, after: [] };
  }
  const steps = closing.split('; ').length;
  const results = await all(`${opening}; ${statement}; ${closing}`);
  return { ok: true, rows: results.at(-1 - steps) ?? [], affected: 0, after: results.at(-1) ?? [] };
}

export function enter({ role, context, replica, bySession }: Scene): string {
  const name = quoted(context.role ?? role);
  return [
    ...(replica ? ['set local session_replication_role = replica'] : []),
    bySession && context.role ? `set local session authorization ${name}` : `set local role ${name}`,
    ...[...context.settings].map(([key, value]) => `select set_config(${text(key)}, ${text(value)}, true)`),
  ].join('; ');
}

const leave = ({ replica }: Scene): string =>
  `reset session authorization; reset role${replica ? '; set local session_replication_role = origin' : ''}`;

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** What an error of the database says about isolation. */
export function meaningOf(code: string, message = ''): 'refused' | 'error' | 'busy' | 'constraint' | 'unknown' {
  // 428C9: a column that the database fills in itself. 0A000: not on such a relation.
  if (/^(42501|428C9|0A000)$/.test(code)) return 'refused';
  if (/^(40001|40P01|57014|55P03)$/.test(code)) return 'busy';
  if (/^23/.test(code)) return 'constraint';
  // A value that is no tenant, a setting that is not there, or the platform's own RAISE.
  if (/^22|^P0|^42704$|^42883$/.test(code)) return 'error';
  // A type of an extension says the same as a syntax error, in words other than the parser's.
  if (code === '42601' && message !== '' && !/ at or near | at end of input/.test(message)) return 'error';
  return 'unknown';
}
