import { quoted } from '../catalogue.ts';
import { foreignPattern } from './canaries.ts';
import { type Stage, sceneOf, theseRows } from './ground.ts';
import type { Judged } from './matrix.ts';
import { reproduce } from './repro.ts';
import { meaningOf, play, text } from './stage.ts';
import type { Cell, Finding, RlsTable } from './types.ts';

export interface Seen {
  readonly cells: Cell[];
  readonly findings: Finding[];
}

/** What a trigger may have copied where no policy looks: while the rows were put in, or when one is changed or deleted. */
export async function probeShared(stage: Stage, guarded: readonly RlsTable[]): Promise<Judged> {
  const seen: Seen = { cells: [], findings: [] };
  const { catalogue, keys } = stage.world;
  const { any, changes } = await stirring(stage);
  const shared = catalogue.tables.filter(({ oid }) => !keys.of.has(oid) && !keys.questions.has(oid));
  for (const table of [...shared, ...guarded.filter((one) => any && one.enabled)]) {
    const columns = stage.privileges.get(table.oid)?.selectable ?? [];
    if (columns.length === 0) continue;
    const row = `concat_ws('|', ${columns.map((name) => `${quoted(name)}::text`).join(', ')})`;
    const others = keys.of.has(table.oid) ? await notOwned(stage, table) : '';
    const statement = `select count(*)::int as n from ${table.sql} where ${row} ~ ${text(foreignPattern(stage))}${others}`;
    for (const before of ['', ...changes]) await lookForCopies(stage, table, statement, before, seen);
  }
  return seen;
}

/** Rows that the matrix looks at are left to it; a copy lies in a row that nobody put there. */
async function notOwned(stage: Stage, table: RlsTable): Promise<string> {
  const ours = stage.seeds.rows.filter((row) => row.table.oid === table.oid || row.at.startsWith(`${table.oid}:`));
  return ours.length === 0 ? '' : ` and not (${theseRows(ours)})`;
}

/** Tables with triggers or rules, as bits of `tgtype`: 4 insert, 8 delete, 16 update. */
const livelySql = `select tgrelid::text as oid, bit_or(tgtype) as events from pg_trigger where not tgisinternal and tgenabled <> 'D' group by 1
  union all select ev_class::text, bit_or(case ev_type when '2' then 16 when '3' then 4 when '4' then 8 else 0 end) from pg_rewrite where ev_type in ('2', '3', '4') group by 1`;

interface Stirring {
  /** Putting rows in may have set something off already. */
  readonly any: boolean;
  /** Changes, by the privileged role, that set off triggers and rules on another tenant's rows. */
  readonly changes: readonly string[];
}

async function stirring({ database, seeds }: Stage): Promise<Stirring> {
  const events = new Map<string, number>();
  for (const { oid, events: bits } of await database.bare(livelySql))
    events.set(String(oid), (events.get(String(oid)) ?? 0) | Number(bits));
  const theirs = Map.groupBy(
    seeds.rows.filter(({ tenant }) => tenant === 'b'),
    (one) => one.table,
  );
  const changes = [...theirs].flatMap(([table, rows]) => {
    const column = table.columns.find(({ generated, identity }) => !generated && !identity);
    const bits = events.get(table.oid) ?? 0;
    const where = `where ${theseRows(rows)}`;
    return [
      ...(column && bits & 16
        ? [`update ${table.sql} set ${quoted(column.name)} = ${quoted(column.name)} ${where}`]
        : []),
      ...(bits & 8 ? [`delete from ${table.sql} ${where}`] : []),
    ];
  });
  return { any: events.size > 0, changes };
}

async function lookForCopies(
  stage: Stage,
  table: RlsTable,
  statement: string,
  before: string,
  seen: Seen,
): Promise<void> {
  const scene = sceneOf(stage, stage.own, before ? { before } : {});
  const outcome = await play(stage.database, scene, statement);
  // A row that others hang on cannot be deleted; then no trigger copied it.
  if (!outcome.ok && outcome.code === 'SD000') return;
  const cell = {
    role: stage.role,
    where: table.label,
    command: 'SELECT',
    context: stage.own.name,
    variant: `copies of tenants' rows${before ? `, after ${before.slice(0, 6)}` : ''}`,
  };
  if (!outcome.ok) {
    const verdict = meaningOf(outcome.code) === 'refused' ? 'HOLD' : 'UNPROBED';
    seen.cells.push({ ...cell, verdict, because: outcome.message });
  } else if (Number(outcome.rows[0]?.n) === 0)
    seen.cells.push({ ...cell, verdict: 'HOLD', because: 'nothing of a tenant lies in it' });
  else {
    const because = `${outcome.rows[0]?.n} rows hold what is another tenant's, put there by a trigger or rule`;
    seen.cells.push({ ...cell, verdict: 'LEAK', because });
    seen.findings.push({
      rule: 'R24',
      check: 'sec.rls.matrix',
      severity: 'critical',
      where: table.label,
      what: `as ${stage.role}: ${because}`,
      reproduce: reproduce(stage.world, stage.seeds.rows, null, scene, statement),
      fix: `REVOKE SELECT ON ${table.sql} FROM ${quoted(stage.role)}; -- or give it a tenant column, row level security and a policy`,
    });
  }
}
