import { closure } from './carriers.ts';
import { type Claims, namesTenant, reach, wrapped } from './contexts.ts';
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

/** The claim that most conditions compare a column with says whose turn it is; each other one could be a way around it. */
function mainClaim({ carriers, catalogue }: Stage['world'], setting: string, names: readonly string[]): string | null {
  const texts = carriers.comparisons
    .filter(({ settings }) => settings.includes(setting))
    .map(({ text }) => closure(text, catalogue.functions));
  const counted = names.map((key) => [key, texts.filter((one) => one.includes(`'${key}'`)).length] as const);
  const most = Math.max(0, ...counted.map(([, count]) => count));
  const leading = counted.filter(([, count]) => count === most);
  return most > 0 && leading.length === 1 ? leading[0]![0] : null;
}

function claimContexts(stage: Stage): Context[] {
  const { carriers, keys } = stage.world;
  return [...carriers.jsonKeys].flatMap(([setting, names]) => {
    const main = mainClaim(stage.world, setting, names);
    return names
      .filter((key) => !keys.names.includes(key) && key !== main)
      .flatMap((key) =>
        valuesOf(stage).map((value) =>
          withSetting(
            stage.own,
            setting,
            withClaim(stage, setting, key, value),
            `tenant a with the claim ${key} = '${value}'`,
          ),
        ),
      );
  });
}

function withClaim(stage: Stage, setting: string, key: string, value: string): string {
  const current = stage.own.settings.get(setting);
  const { jsonPaths } = stage.world.carriers;
  try {
    const claims: Claims = { ...(JSON.parse(current ?? '{}') as object), [key]: value };
    // What says whose turn it is stays as it is; what stands beside it may open something.
    const paths = jsonPaths.filter((path) => path.at(-1) === key && !namesTenant(path, stage.world.keys));
    for (const path of paths) reach(claims, path, value);
    return JSON.stringify(claims);
  } catch {
    return wrapped(stage.world.carriers, stage.world.keys, setting, current ?? '', { [key]: value });
  }
}
