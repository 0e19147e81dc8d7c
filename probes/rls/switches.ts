import { closure } from './carriers.ts';
import { wrapped } from './contexts.ts';
import { type Ground, type Stage, sceneOf } from './ground.ts';
import { foreignInsert } from './inserts.ts';
import type { Probe } from './probe.ts';
import { reads } from './reads.ts';
import type { Context } from './stage.ts';
import { writes } from './writes.ts';

const switchValues = ['true', '1', 'on', 'yes', 't', 'admin', 'all', '*'];

/** Each further setting that the policies of this table read, set to what could open them, while the tenant stays itself. */
export function switchProbes(stage: Stage, ground: Ground): Probe[] {
  return [...settingContexts(stage, ground), ...claimContexts(stage)].flatMap((context) => {
    const scene = sceneOf(stage, context);
    const insert = foreignInsert(stage, ground, scene, true);
    return [...reads(ground, scene, true), ...writes(ground, scene, true), ...(insert ? [insert] : [])].map(
      (probe): Probe => ({ ...probe, rule: 'R12', own: false, proves: () => false }),
    );
  });
}

const mostValues = 24;

function valuesOf({ world, otherKey }: Stage): string[] {
  const spoken = world.carriers.literals.filter((one) => /^[\w*.:-]{1,30}$/.test(one));
  return [...new Set([otherKey, ...switchValues, ...spoken])].slice(0, mostValues);
}

function settingContexts(stage: Stage, { table }: Ground): Context[] {
  const { policies, functions } = stage.world.catalogue;
  const texts = policies
    .filter((one) => one.table === table.oid || table.partitionOf === one.table)
    .map(({ text }) => closure(text, functions))
    .join('\n');
  const others = new Set([...stage.world.carriers.settings, ...stage.own.settings.keys()]);
  return [...others]
    .filter((name) => name !== stage.world.keys.setting && texts.includes(name))
    .flatMap((name) =>
      valuesOf(stage).map((value) => withSetting(stage.own, name, value, `tenant a with ${name} = '${value}'`)),
    );
}

const withSetting = (own: Context, setting: string, value: string, name: string): Context => ({
  ...own,
  name,
  settings: new Map([...own.settings, [setting, value]]),
});

function claimContexts(stage: Stage): Context[] {
  const { carriers, keys } = stage.world;
  return [...carriers.jsonKeys].flatMap(([setting, names]) =>
    names
      .filter((key) => !keys.names.includes(key))
      .flatMap((key) =>
        valuesOf(stage).map((value) =>
          withSetting(
            stage.own,
            setting,
            withClaim(stage, setting, key, value),
            `tenant a with the claim ${key} = '${value}'`,
          ),
        ),
      ),
  );
}

function withClaim(stage: Stage, setting: string, key: string, value: string): string {
  const current = stage.own.settings.get(setting);
  try {
    return JSON.stringify({ ...(JSON.parse(current ?? '{}') as object), [key]: value });
  } catch {
    return wrapped(stage.world.carriers, stage.world.keys, setting, current ?? '', { [key]: value });
  }
}
