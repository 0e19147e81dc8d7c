import { attachingUpdates } from './attachments.ts';
import { effects } from './effects.ts';
import { type Ground, type Stage, sceneOf, unseeded } from './ground.ts';
import { foreignInsert, inserts } from './inserts.ts';
import { moves } from './moves.ts';
import type { Probe } from './probe.ts';
import { otherReads, reads } from './reads.ts';
import type { Context } from './stage.ts';
import { otherWrites, writes } from './writes.ts';

/** Everything a tenant could try on one table. */
export async function ownProbes(stage: Stage, ground: Ground): Promise<Probe[]> {
  const scene = sceneOf(stage, stage.own);
  return [
    ...reads(ground, scene, true),
    ...otherReads(ground, scene),
    ...(await inserts(stage, ground, scene)),
    ...writes(ground, scene, true),
    ...otherWrites(ground, scene, stage.world.catalogue.version),
    ...(await moves(stage, ground, scene)),
    ...(await attachingUpdates(stage, ground, scene)),
    ...(stage.thorough ? await effects(stage, ground, scene) : []),
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
