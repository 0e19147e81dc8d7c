import { quoted } from '../catalogue.ts';
import { foreignPattern } from './canaries.ts';
import type { Seen } from './copies.ts';
import { type Stage, sceneOf } from './ground.ts';
import { reproduce } from './repro.ts';
import { play, text } from './stage.ts';
import type { RlsView } from './types.ts';

const told = 'sd_told:';

/**
 * A view's own condition is no barrier by itself: PostgreSQL runs a cheap condition of the caller's first, on rows the view would have
 * left out. The caller's function says what it was shown.
 */
export async function probePushed(stage: Stage, view: RlsView, seen: Seen): Promise<void> {
  if (view.invoker) return;
  const columns = view.columns.filter((name) => stage.privileges.get(view.oid)!.selectable.includes(name));
  const scene = sceneOf(stage, stage.own);
  const cell = {
    role: stage.role,
    where: view.label,
    command: 'SELECT',
    context: stage.own.name,
    variant: "the caller's own condition",
  };
  for (const column of columns) {
    const probe = `${spy(stage)}; ${withoutIndexes}; select count(*) from ${view.sql} where pg_temp.sd_spy(${quoted(column)}::text)`;
    const outcome = await play(stage.database, scene, probe);
    if (outcome.ok || !outcome.message.includes(told)) continue;
    const because = `a function in the caller's own condition is shown rows of others (${column})`;
    seen.cells.push({ ...cell, verdict: 'LEAK', because });
    seen.findings.push({
      rule: 'R19',
      check: 'sec.rls.matrix',
      severity: 'high',
      where: view.label,
      what: `as ${stage.role}: ${because}; the view reads as ${view.owner} and is no security barrier`,
      reproduce: reproduce(stage.world, stage.seeds.rows, null, scene, probe),
      fix: `ALTER VIEW ${view.sql} SET (security_barrier = true, security_invoker = true);`,
    });
    return;
  }
  seen.cells.push({ ...cell, verdict: 'HOLD', because: 'it is shown nothing of others' });
}

/** An index would leave the others' rows out before any condition is asked; the caller may do without. */
const withoutIndexes = ['indexscan', 'indexonlyscan', 'bitmapscan']
  .map((kind) => `set local enable_${kind} = off`)
  .join('; ');

/** Made by the role itself, where anybody may make functions; gone with the savepoint. */
const spy = (stage: Stage): string =>
  `create function pg_temp.sd_spy(sd_value text) returns boolean language plpgsql cost 0.0000001 as $sd$ begin if sd_value ~ ${text(foreignPattern(stage))} then raise exception '${told} %', sd_value; end if; return true; end $sd$`;
