import { expect, test } from 'vitest';
import { choose } from '../../cli/prove/choose.ts';
import { breaksSoaks, soakGroups } from '../../cli/prove/soaks.ts';
import type { Fault } from '../../reference/faults/fault.ts';
import { faults } from '../../reference/faults/index.ts';

const fault = (name: string, catches: string[], mayAlso: string[] = [], profile?: string): Fault => ({
  name,
  plants: name,
  catches,
  mayAlso,
  ...(profile ? { profile } : {}),
  plant: async () => undefined,
  lift: async () => undefined,
});
const names = (groups: readonly (readonly Fault[])[]) => groups.map((group) => group.map(({ name }) => name));

test.each([
  {
    name: 'share a soak when no check could speak for both',
    of: [fault('a', ['soak.a']), fault('b', ['soak.b'])],
    groups: [['a', 'b']],
  },
  {
    name: 'do not when one may break what the other must',
    of: [fault('a', ['soak.a']), fault('b', ['soak.b'], ['soak.*'])],
    groups: [['a'], ['b']],
  },
  {
    name: 'do not when both break one check',
    of: [fault('a', ['soak.a']), fault('b', ['soak.a'])],
    groups: [['a'], ['b']],
  },
  {
    name: 'do not under different profiles',
    of: [fault('a', ['soak.a']), fault('b', ['soak.b'], [], 'preparation')],
    groups: [['a'], ['b']],
  },
  {
    name: 'join the first group they fit into',
    of: [fault('a', ['soak.a']), fault('b', ['soak.a']), fault('c', ['soak.c'])],
    groups: [['a', 'c'], ['b']],
  },
])('faults $name', ({ of, groups }) => {
  expect(names(soakGroups(of))).toEqual(groups);
});

test('a quick proof of all of the soak is a few soaks, and each fault is in one of them', () => {
  const chosen = choose(faults, { quick: true, fault: [], check: ['soak.*'] });
  expect(chosen.every(breaksSoaks)).toBe(true);
  const groups = soakGroups(chosen);
  expect(
    groups
      .flat()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(chosen.map(({ name }) => name).toSorted());
  expect(groups.length).toBeLessThanOrEqual(6);
});
