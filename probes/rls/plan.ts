import { attachingUpdates } from './attachments.ts';
import { effects } from './effects.ts';
import { type Ground, type Stage, sceneOf, unseeded } from './ground.ts';
import { insertProbe } from './insert-probe.ts';
import { foreignInsert, inserts } from './inserts.ts';
import { moves } from './moves.ts';
import { openings } from './openings.ts';
import type { Answer, Probe } from './probe.ts';
import { otherReads, reads } from './reads.ts';
import type { Context, Scene } from './stage.ts';
import { otherWrites, writes } from './writes.ts';

/** Everything a tenant could try on one table. */
export async function ownProbes(stage: Stage, ground: Ground): Promise<Probe[]> {
  const scene = sceneOf(stage, stage.own);
  if (ground.only !== undefined) return ofAnother(stage, ground, scene, ground.only);
  return [
    ...reads(ground, scene, true),
    ...otherReads(ground, scene),
    ...(await inserts(stage, ground, scene)),
    ...writes(ground, scene, true),
    ...otherWrites(ground, scene, stage.world.catalogue.version),
    ...(await moves(stage, ground, scene)),
    ...(await attachingUpdates(stage, ground, scene)),
    ...(stage.thorough ? [...(await effects(stage, ground, scene)), ...(await openings(stage, ground, scene))] : []),
  ];
}

/** A part of a table in which no row of its own can lie: nothing there is seen or written, by whom its tenant does see it. */
async function ofAnother(stage: Stage, ground: Ground, scene: Scene, tenant: string): Promise<Probe[]> {
  const theirs = new Set(ground.foreign.map(({ at }) => at));
  const row = await stage.seeds.rehearse(ground.table, tenant);
  const named = { rule: 'R07', variant: "INSERT with another tenant's key" };
  const inTurn = { ...ground, mine: ground.foreign.filter((one) => one.tenant === tenant) };
  const controls = reads(inTurn, sceneOf(stage, await stage.turnOf(tenant)), true).map((probe) => ({
    ...probe,
    control: true,
    leaked: () => null,
    proves: ({ rows }: Answer) => rows.some(({ at }) => theirs.has(String(at))),
  }));
  return [
    ...controls,
    ...reads(ground, scene, true),
    ...otherReads(ground, scene),
    ...writes(ground, scene, true),
    ...(typeof row === 'string' || ground.privileges.insertable.length === 0
      ? []
      : [insertProbe(ground, scene, row, true, named)]),
  ];
}

/** What a context that is nobody's, or another tenant's, reaches. */
export async function contextProbes(stage: Stage, ground: Ground, context: Context): Promise<Probe[]> {
  const scene = sceneOf(stage, context);
  const insert = foreignInsert(stage, ground, scene, false);
  const { tenant: named } = context;
  const made = named === undefined || named === 'a' ? [] : await unseeded(stage, ground.table, ground.all, named);
  const others: Ground = {
    ...ground,
    own: [...ground.all.filter(({ tenant }) => tenant === context.tenant), ...made],
    foreign: ground.foreign.filter(({ tenant }) => tenant !== context.tenant),
  };
  return [...reads(others, scene, false), ...writes(others, scene, false), ...(insert ? [insert] : [])];
}
