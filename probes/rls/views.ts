import { quoted } from '../catalogue.ts';
import { changesWithOthers, foreignPattern } from './canaries.ts';
import type { Seen } from './copies.ts';
import { type Stage, sceneOf } from './ground.ts';
import { probePushed } from './pushed.ts';
import { reproduce } from './repro.ts';
import { type Context, meaningOf, play, text } from './stage.ts';
import type { RlsView } from './types.ts';
import { probeViewWrites } from './view-writes.ts';

/** Views: nothing of another tenant's in them, and no answer that changes when the others' rows are gone. */
export async function probeViews(stage: Stage, nobody: readonly Context[]): Promise<Seen> {
  const seen: Seen = { cells: [], findings: [] };
  const views = stage.world.catalogue.views.filter(
    (view) => view.kind === 'v' && view.reads.some((oid) => stage.world.keys.of.has(oid)),
  );
  for (const view of views) {
    if ((stage.privileges.get(view.oid)?.selectable.length ?? 0) > 0) {
      await probeView(stage, view, stage.own, seen);
      await probePushed(stage, view, seen);
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
  const search = `select count(*)::int as n from ${view.sql} where ${row} ~ ${text(foreignPattern(stage, !own))}`;
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
