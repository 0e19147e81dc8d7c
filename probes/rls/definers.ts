import { quoted } from '../catalogue.ts';
import { ownValuesFor, valuesFor } from './arguments.ts';
import { changesWithOthers, foreignPattern } from './canaries.ts';
import { closure } from './carriers.ts';
import type { Seen } from './copies.ts';
import { allSurvivors, type Stage, sceneOf } from './ground.ts';
import { reproduce } from './repro.ts';
import { meaningOf, type Outcome, play, text } from './stage.ts';
import type { RlsFunction } from './types.ts';

/** Functions that run as somebody else, called with what a tenant could know and guess. */
export async function probeDefiners(stage: Stage, disposable: boolean): Promise<Seen> {
  const seen: Seen = { cells: [], findings: [] };
  for (const one of stage.world.catalogue.functions) {
    if (/trigger$/.test(one.returns) || one.kind === 'a' || !actsForOthers(stage, one)) continue;
    if (!(await isExecutable(stage, one))) continue;
    await probeDefiner(stage, one, disposable, seen);
  }
  return seen;
}

/** It runs as somebody else, or says itself whose turn it is. */
function actsForOthers({ role, world }: Stage, one: RlsFunction): boolean {
  if (one.definer) return one.owner !== role;
  return /\bset_config\s*\(|^\s*SET\s|\bexecute\b.*\bset\b/im.test(closure(one.source, world.catalogue.functions));
}

async function isExecutable({ database, role }: Stage, { oid }: RlsFunction): Promise<boolean> {
  const [row] = await database.bare(
    `select has_function_privilege(${text(role)}, ${oid}::oid, 'execute') and has_schema_privilege(${text(role)}, (select pronamespace from pg_proc where oid = ${oid}), 'usage') as may`,
  );
  return row?.may === true;
}

/** What a roll-back does not take back. */
const lasting =
  /\b(dblink\w*|pg_read_\w+|pg_ls_\w+|lo_(im|ex)port|nextval|setval|pg_advisory_lock|http_\w+|pg_terminate_\w+|pg_cancel_\w+|pg_sleep\w*|pg_reload_conf|pg_switch_wal|COPY\s)/i;

async function probeDefiner(stage: Stage, one: RlsFunction, disposable: boolean, seen: Seen): Promise<void> {
  const { world } = stage;
  const cell = {
    role: stage.role,
    where: one.label,
    command: 'EXECUTE',
    context: stage.own.name,
    variant: one.definer ? 'SECURITY DEFINER' : 'says whose turn it is',
  };
  const source = closure(one.source, world.catalogue.functions);
  if (lasting.test(source) && !disposable) {
    seen.cells.push({
      ...cell,
      verdict: 'UNPROBED',
      because: 'it does what a roll-back does not take back; it is called on a disposable deployment only',
    });
    return;
  }
  const calls = callsOf(stage, one);
  const outcomes: { call: Call; outcome: Outcome }[] = [];
  for (const call of calls) {
    const { sql, total } = allSurvivors(stage);
    const scene = sceneOf(stage, stage.own);
    const outcome = await play(stage.database, scene, call.sql, sql);
    outcomes.push({ call, outcome });
    const why = outcome.ok ? leakOf(stage, call, outcome, total) : null;
    const depends =
      outcome.ok && !why && mentionsTenants(stage, source)
        ? await changesWithOthers(stage, () => play(stage.database, scene, call.sql))
        : null;
    const because = why ?? (depends ? "its answer changes when other tenants' rows are gone" : null);
    if (because === null) continue;
    seen.cells.push({ ...cell, verdict: 'LEAK', because });
    seen.findings.push({
      rule: 'R17',
      check: 'sec.rls.matrix',
      severity: why ? 'critical' : 'high',
      where: one.label,
      what: `as ${stage.role}: ${because}${one.definer ? `; it runs as ${one.owner}` : ''}`,
      reproduce: reproduce(world, stage.seeds.rows, null, scene, call.sql),
      fix: `REVOKE EXECUTE ON FUNCTION ${one.label} FROM PUBLIC, ${quoted(stage.role)}; -- or ALTER FUNCTION ${one.label} SECURITY INVOKER`,
    });
    return;
  }
  const stuck = outcomes.find(
    ({ outcome }) => !outcome.ok && ['unknown', 'constraint', 'busy'].includes(meaningOf(outcome.code)),
  );
  const answered = outcomes.some(({ outcome }) => outcome.ok);
  const told = stuck && !stuck.outcome.ok ? stuck.outcome.message : '';
  if (calls.length === 0 || (!answered && stuck))
    seen.cells.push({
      ...cell,
      verdict: 'UNPROBED',
      because: calls.length === 0 ? 'no arguments could be made for it' : `no call of it was answered: ${told}`,
    });
  else
    seen.cells.push({
      ...cell,
      verdict: 'HOLD',
      because: "nothing of others' comes back, and nothing of theirs changes",
    });
}

/** An object or a list comes back in another shape; its pieces are known all the same. */
const piecesOf = (value: string | null): string[] =>
  value === null ? [] : [value, ...value.split(/["{}[\]]+/)].sort((a, b) => b.length - a.length);

interface Call {
  readonly sql: string;
  readonly given: readonly string[];
}

function leakOf(stage: Stage, call: Call, outcome: Extract<Outcome, { ok: true }>, total: number): string | null {
  const lost = total - Number(outcome.after[0]?.n);
  if (lost > 0) return `${lost} rows of others are written by it`;
  let said = JSON.stringify(outcome.rows);
  // What was given to it is no news when it comes back.
  for (const value of call.given.filter((one) => one.length > 3)) said = said.replaceAll(value, '');
  return new RegExp(foreignPattern(stage)).test(said) ? "it gives what is another tenant's" : null;
}

const mentionsTenants = ({ world }: Stage, source: string): boolean =>
  world.catalogue.tables.some(({ oid, name }) => world.keys.of.has(oid) && source.includes(name)) ||
  /execute/i.test(source);

function callsOf(stage: Stage, one: RlsFunction): Call[] {
  const options = one.argumentTypes.map((type) => valuesFor(stage, type));
  if (options.some((values) => values.length === 0)) return [];
  // One argument names what is another tenant's, the others what is one's own.
  const own = one.argumentTypes.map((type) => ownValuesFor(stage, type));
  const mixed =
    options.length < 2
      ? []
      : options.map((values, at) => own.map((mine, index) => (index === at || mine.length === 0 ? values : mine)));
  return [options, ...mixed].flatMap((each) => combined(one, each));
}

function combined(one: RlsFunction, options: readonly (readonly (string | null)[])[]): Call[] {
  const most = Math.min(
    24,
    options.reduce((product, values) => product * values.length, 1),
  );
  return Array.from({ length: Math.max(1, most) }, (_, index) => {
    let rest = index;
    const given = options.map((values) => {
      const value = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
      return value;
    });
    const name = quoted(one.schema, one.name);
    const list = given
      .map((value, at) => (value === null ? 'null' : `${text(value)}::${one.argumentTypes[at]}`))
      .join(', ');
    const sql =
      one.kind === 'p'
        ? `call ${name}(${list})`
        : `select sd_row::text as answer from ${name}(${list}) as sd_row limit 200`;
    return { sql, given: given.flatMap(piecesOf) };
  });
}
