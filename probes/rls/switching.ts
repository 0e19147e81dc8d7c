import { DatabaseFailure } from '../postgres.ts';
import { type Ground, groundOf, type Stage, sceneOf } from './ground.ts';
import { undone } from './insert.ts';
import type { Judged } from './matrix.ts';
import { mayAnything } from './privileges.ts';
import { reproduce } from './repro.ts';
import { type Context, enter, meaningOf, play, text } from './stage.ts';
import type { Cell, Finding, RlsTable } from './types.ts';

/**
 * The same connection, first in one tenant's turn and then in another's, as a pool hands it on: with a plan that is kept, and with a
 * new one. What the first turn left behind (a plan made for it, a value that a function remembered) shows in the second.
 */
export async function probeSwitching(stage: Stage, tables: readonly RlsTable[]): Promise<Judged> {
  const cells: Cell[] = [];
  const findings: Finding[] = [];
  for (const table of tables) {
    const privileges = stage.privileges.get(table.oid);
    if (!privileges?.select || !mayAnything(privileges)) continue;
    const ground = await groundOf(stage, table);
    if (typeof ground === 'string') continue;
    for (const kept of [true, false]) {
      const { cell, finding } = await switchOn(stage, ground, kept);
      cells.push(cell);
      if (finding) findings.push(finding);
    }
  }
  return { cells, findings };
}

interface Switched {
  readonly cell: Cell;
  readonly finding: Finding | null;
}

async function switchOn(stage: Stage, ground: Ground, kept: boolean): Promise<Switched> {
  const { table } = ground;
  const theirs = ground.all.filter(({ tenant }) => tenant === stage.other.tenant);
  const first = new Set(ground.mine.map(({ at }) => at));
  const statement = `select tableoid::text || ':' || ctid::text as at from ${table.sql} limit ${ground.all.length + 20}`;
  const cell = {
    role: stage.role,
    where: table.label,
    command: 'SELECT',
    context: `${stage.other.name} after ${stage.own.name}`,
    variant: kept ? 'the same plan on the same connection' : 'the same connection',
  };
  const seen = await inTurn(stage, statement, kept);
  if (typeof seen === 'string') return { cell: { ...cell, verdict: 'UNPROBED', because: seen }, finding: null };
  const leaked = seen.filter((at) => first.has(at));
  const because =
    leaked.length > 0
      ? `${leaked.length} rows of the tenant before are seen`
      : theirs.some(({ at }) => seen.includes(at))
        ? 'own rows only'
        : 'nothing of the tenant before is seen';
  if (leaked.length === 0) return { cell: { ...cell, verdict: 'HOLD', because }, finding: null };
  return { cell: { ...cell, verdict: 'LEAK', because }, finding: findingOf(stage, table, because, kept) };
}

const prepared = 'sd_switching';

/** Places of the rows seen in the second turn; a text says why nothing was seen at all. */
async function inTurn(stage: Stage, statement: string, kept: boolean): Promise<string[] | string> {
  const { bare } = stage.database;
  const run = kept ? `execute ${prepared}` : statement;
  try {
    return await undone(bare, 'sd_turns', async () => {
      await bare(turn(stage, stage.own));
      if (kept) await bare(`set local plan_cache_mode = force_generic_plan; prepare ${prepared} as ${statement}`);
      await bare(run);
      await bare(`reset session authorization; reset role; ${turn(stage, stage.other)}`);
      return (await bare(run)).map(({ at }) => String(at));
    });
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    return /^(refused|error)$/.test(meaningOf(error.code)) ? [] : error.message;
  } finally {
    // A prepared statement outlives the transaction.
    if (kept) await play(stage.database, sceneOf(stage, nobody), `deallocate ${prepared}`);
  }
}

const nobody: Context = { name: 'none', settings: new Map() };
const turn = (stage: Stage, context: Context): string => enter(sceneOf(stage, context));

function findingOf(stage: Stage, table: RlsTable, because: string, kept: boolean): Finding {
  const statement = `select * from ${table.sql}`;
  const run = kept ? `execute ${prepared}` : statement;
  const before = `${turn(stage, stage.own)}; ${kept ? `set local plan_cache_mode = force_generic_plan; prepare ${prepared} as ${statement}; ` : ''}${run}; reset session authorization; reset role`;
  return {
    rule: 'R14',
    check: 'sec.rls.context',
    severity: 'critical',
    where: `${table.label} SELECT`,
    what: `as ${stage.role}, ${stage.other.name} after ${stage.own.name} on one connection: ${because}`,
    reproduce: reproduce(stage.world, stage.seeds.rows, table, sceneOf(stage, stage.other, { before }), run),
    fix: `-- functions that policies call must be STABLE and must not remember: select p.oid::regprocedure, p.provolatile from pg_proc p join pg_depend d on d.refobjid = p.oid join pg_policy y on y.oid = d.objid where y.polrelid = ${text(table.sql)}::regclass;`,
  };
}
