import { quoted } from '../catalogue.ts';
import { type Stage, sceneOf, survivors } from './matrix.ts';
import { reproduce } from './repro.ts';
import { undone } from './seed.ts';
import { type Context, meaningOf, play, text } from './stage.ts';
import type { Cell, Finding, RlsTable, RlsView } from './types.ts';
import { literal, uuidPrefixOf } from './values.ts';

export interface Seen {
  readonly cells: Cell[];
  readonly findings: Finding[];
}

/** What only other tenants' rows hold: their canaries, and the ids made for them. */
export function foreignPattern(run: string, ofNobody = false): string {
  const [mine, shared] = ['a', 'sh'].map((tenant) => uuidPrefixOf(run, tenant).slice(run.length + 1, -2));
  const but = ofNobody ? 'sh-' : 'a-|sh-';
  return `cnry-${run}-(?!${but})|${run}-(?!${ofNobody ? shared : `${mine}|${shared}`})[0-9a-f]{4}-4`;
}

/** Views and shared tables: nothing of another tenant's in them, and no answer that changes when the others' rows are gone. */
export async function probeViews(stage: Stage, nobody: readonly Context[]): Promise<Seen> {
  const seen: Seen = { cells: [], findings: [] };
  const views = stage.world.catalogue.views.filter(
    (view) => view.kind === 'v' && view.reads.some((oid) => stage.world.keys.of.has(oid)),
  );
  for (const view of views) {
    if ((stage.privileges.get(view.oid)?.selectable.length ?? 0) > 0) {
      await probeView(stage, view, stage.own, seen);
      for (const context of nobody.slice(0, 3)) await probeView(stage, view, context, seen);
    }
    await probeViewWrites(stage, view, seen);
  }
  return seen;
}

async function probeView(stage: Stage, view: RlsView, context: Context, seen: Seen): Promise<void> {
  const own = context === stage.own;
  const scene = sceneOf(stage, context);
  const columns = view.columns.filter((name) => stage.privileges.get(view.oid)!.selectable.includes(name));
  const row = `concat_ws('|', ${columns.map((name) => `${quoted(name)}::text`).join(', ')})`;
  const search = `select count(*)::int as n from ${view.sql} where ${row} ~ ${text(foreignPattern(stage.world.run, !own))}`;
  const digest = `select md5(coalesce(string_agg(${row}, ',' order by ${row}), '')) as digest, count(*)::int as n from ${view.sql}`;
  const cell = { role: stage.role, where: view.label, command: 'SELECT', context: context.name, variant: 'view' };
  const found = await play(stage.database, scene, search);
  if (!found.ok) {
    const held = meaningOf(found.code) === 'refused' || (!own && meaningOf(found.code) === 'error');
    seen.cells.push({ ...cell, verdict: held ? 'HOLD' : 'UNPROBED', because: found.message });
    return;
  }
  const rows = Number(found.rows[0]?.n);
  const depends = rows === 0 && own ? await changesWithOthers(stage, () => play(stage.database, scene, digest)) : null;
  if (rows === 0 && depends !== true) {
    seen.cells.push({
      ...cell,
      verdict: 'HOLD',
      because: own ? "nothing of others' shows in it" : 'nothing of a tenant shows in it',
    });
    return;
  }
  const because =
    rows > 0
      ? `${rows} of its rows hold what is another tenant's`
      : "its answer changes when other tenants' rows are gone";
  seen.cells.push({ ...cell, verdict: 'LEAK', because });
  seen.findings.push({
    rule: 'R19',
    check: own ? 'sec.rls.matrix' : 'sec.rls.context',
    severity: rows > 0 ? 'critical' : 'high',
    where: view.label,
    what: `as ${stage.role}, context "${context.name}": ${because}; the view reads as its owner ${view.owner}`,
    reproduce: reproduce(stage.world, stage.seeds.rows, null, scene, `select * from ${view.sql}`),
    fix: `ALTER VIEW ${view.sql} SET (security_invoker = true);`,
  });
}

/** The same question with and without other tenants' rows; null: it does not answer alike twice, or the rows cannot be taken away. */
export async function changesWithOthers(stage: Stage, ask: () => ReturnType<typeof play>): Promise<boolean | null> {
  if (!stage.world.catalogue.superuser) return null;
  const [first, second] = [await ask(), await ask()];
  if (JSON.stringify(first) !== JSON.stringify(second)) return null;
  return undone(stage.database.bare, 'sd_without', async () => {
    await stage.database.bare('set local session_replication_role = replica');
    for (const [table, rows] of Map.groupBy(
      stage.seeds.rows.filter(({ tenant }) => tenant !== 'a' && tenant !== 'sh'),
      (one) => one.table,
    ))
      await stage.database.bare(deletion(table, rows));
    await stage.database.bare('set local session_replication_role = origin');
    return JSON.stringify(await ask()) !== JSON.stringify(first);
  });
}

const deletion = (table: RlsTable, rows: Parameters<typeof survivors>[1]): string =>
  survivors(table, rows).replace(/^select count\(\*\)::int as n from/, 'delete from');

/** How many rows that are not the role's own still lie where they lay, over all tables. */
export function allSurvivors(stage: Stage): { readonly sql: string; readonly total: number } {
  const groups = [
    ...Map.groupBy(
      stage.seeds.rows.filter(({ tenant }) => tenant !== 'a' && tenant !== 'sh'),
      (one) => one.table,
    ),
  ];
  const sql = `select (${groups.map(([table, rows]) => `(${survivors(table, rows)})`).join(' + ') || '0'})::int as n`;
  return { sql, total: groups.reduce((sum, [, rows]) => sum + rows.length, 0) };
}

async function probeViewWrites(stage: Stage, view: RlsView, seen: Seen): Promise<void> {
  const privileges = stage.privileges.get(view.oid);
  if (!privileges) return;
  const base = stage.world.catalogue.tables.filter(
    ({ oid }) => view.reads.includes(oid) && stage.world.keys.of.has(oid),
  );
  const row = stage.seeds.rows.find((one) => one.tenant === 'b' && base.includes(one.table));
  if (!row) return;
  const column = row.table.columns.find(
    (one) =>
      privileges.updatable.includes(one.name) &&
      view.columns.includes(one.name) &&
      !row.table.uniques.some(({ columns }) => columns.includes(one.name)) &&
      /text|char|bool|json|time/.test(one.type),
  );
  const statements = [
    ...(privileges.delete ? [['DELETE', `delete from ${view.sql}`] as const] : []),
    ...(column
      ? [
          [
            'UPDATE',
            `update ${view.sql} set ${quoted(column.name)} = ${literal(row.values.get(column.name) ?? null, column)}`,
          ] as const,
        ]
      : []),
  ];
  const { sql, total } = allSurvivors(stage);
  for (const [command, statement] of statements) {
    const scene = sceneOf(stage, stage.own, { replica: stage.world.catalogue.superuser });
    const outcome = await play(stage.database, scene, statement, sql);
    const cell = {
      role: stage.role,
      where: view.label,
      command,
      context: stage.own.name,
      variant: `${command} through the view`,
    };
    const lost = outcome.ok ? total - Number(outcome.after[0]?.n) : 0;
    if (!outcome.ok) {
      const held = ['42501', '55000', '0A000'].includes(outcome.code);
      seen.cells.push({ ...cell, verdict: held ? 'HOLD' : 'UNPROBED', because: outcome.message });
    } else if (lost === 0) seen.cells.push({ ...cell, verdict: 'HOLD', because: 'own rows only' });
    else {
      seen.cells.push({ ...cell, verdict: 'LEAK', because: `${lost} rows of others are written` });
      seen.findings.push({
        rule: 'R19',
        check: 'sec.rls.matrix',
        severity: 'critical',
        where: `${view.label} ${command}`,
        what: `as ${stage.role}: ${lost} rows of others are written through the view`,
        reproduce: reproduce(stage.world, stage.seeds.rows, null, scene, statement, sql),
        fix: `ALTER VIEW ${view.sql} SET (security_invoker = true);`,
      });
    }
  }
}

/** What a trigger may have copied where no policy looks: while the rows were put in, or when one is changed or deleted. */
export async function probeShared(stage: Stage): Promise<Seen> {
  const seen: Seen = { cells: [], findings: [] };
  const { catalogue, keys, run } = stage.world;
  const stirs = await stirring(stage);
  for (const table of catalogue.tables.filter(({ oid }) => !keys.of.has(oid) && !keys.questions.has(oid))) {
    const columns = stage.privileges.get(table.oid)?.selectable ?? [];
    if (columns.length === 0) continue;
    const row = `concat_ws('|', ${columns.map((name) => `${quoted(name)}::text`).join(', ')})`;
    const statement = `select count(*)::int as n from ${table.sql} where ${row} ~ ${text(foreignPattern(run))}`;
    for (const before of ['', ...stirs]) await lookForCopies(stage, table, statement, before, seen);
  }
  return seen;
}

/** Changes, by the privileged role, that set off triggers and rules on another tenant's rows. */
async function stirring(stage: Stage): Promise<string[]> {
  const rows = await stage.database.bare(
    `select tgrelid::text as oid from pg_trigger where not tgisinternal and tgenabled <> 'D' and tgtype & 24 > 0 union select ev_class::text from pg_rewrite where ev_type in ('2', '4')`,
  );
  const lively = new Set(rows.map((row) => String(row.oid)));
  return [
    ...Map.groupBy(
      stage.seeds.rows.filter(({ tenant }) => tenant === 'b'),
      (one) => one.table,
    ),
  ].flatMap(([table, mine]) => {
    const column = table.columns.find(({ generated, identity }) => !generated && !identity);
    if (!lively.has(table.oid) || !column) return [];
    const where = survivors(table, mine).replace(/^.*? where /s, 'where ');
    return [
      `update ${table.sql} set ${quoted(column.name)} = ${quoted(column.name)} ${where}`,
      `delete from ${table.sql} ${where}`,
    ];
  });
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
