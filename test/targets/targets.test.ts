import { expect, test } from 'vitest';
import { isProfile, profileNames, profiles, targetFor, targets } from '../../targets/index.ts';

const units = ['ms', '%', 'By', '1', '1/min', '1/s', 'h'];

test('there are thirty target rows, each with a definition, an honest unit and at least one value', () => {
  expect(Object.keys(targets)).toHaveLength(30);
  for (const [id, target] of Object.entries(targets)) {
    expect(target.id).toBe(id);
    expect(target.definition.length).toBeGreaterThan(10);
    expect(units).toContain(target.unit);
    expect(Object.keys(target.values).length).toBeGreaterThan(0);
    for (const [source, value] of Object.entries(target.values)) expect(value.source).toBe(source);
  }
});

test.each([
  ['T-health', [50, null, null, null, 50]],
  ['T-api', [200, 100, 500, 200, 100]],
  ['T-chat', [2000, null, null, null, 2000]],
  ['T-search', [500, null, null, null, 500]],
  ['T-db', [null, 50, 200, 100, 50]],
  ['T-fcp', [1000, 1500, null, null, 1000]],
  ['T-tti', [3000, 5000, null, null, 3000]],
  ['T-load3g', [3000, 3000, null, null, 3000]],
  ['T-lh', [90, 90, null, null, 90]],
  ['T-bundle', [null, 500_000, null, null, 500_000]],
  ['T-widget', [null, 100, null, null, 100]],
  ['T-ws-connect', [500, null, null, null, 500]],
  ['T-ws-msg', [100, 50, null, null, 50]],
  ['T-ws-reconnect', [3000, null, null, null, 3000]],
  ['T-lk-join', [2000, null, null, null, 2000]],
  ['T-lk-video', [3000, null, null, null, 3000]],
  ['T-lk-audio', [300, null, null, null, 300]],
  ['T-lk-loss', [null, null, null, 1, 1]],
  ['T-errors', [0.1, null, null, 0.5, 0.1]],
  ['T-uptime', [null, 99.9, 95, 99.9, 99.9]],
  ['T-ratelimit', [null, 99.9, null, null, 99.9]],
  ['T-isolation', [null, 100, null, null, 100]],
  ['T-csrf', [null, 100, null, null, 100]],
  ['T-vulns', [0, 0, null, null, 0]],
  ['T-alert', [5000, null, null, null, 5000]],
  ['T-users', [100, 100, null, 100, 100]],
  ['T-rate', [null, 1000, null, 60_000, 60_000]],
  ['T-ws-conns', [null, null, null, 5000, 5000]],
  ['T-db-rate', [null, null, null, 10_000, 10_000]],
  ['T-soak', [48, null, null, null, 48]],
] as const)('%s has the values of the requirements, by profile, and the tightest as the strictest', (id, values) => {
  expect(profileNames.map((profile) => targetFor(profile, id)?.limit?.value ?? null)).toEqual(values);
});

test('a target nobody promised has no row', () => {
  expect(targetFor('readiness', 'T-nothing')).toBeUndefined();
  expect(targetFor('readiness', 'toString')).toBeUndefined();
});

test('profiles are known by their names, and by nothing inherited', () => {
  for (const name of profileNames) expect(isProfile(name)).toBe(true);
  expect(isProfile('toString')).toBe(false);
  expect(Object.keys(profiles)).toEqual([...profileNames]);
  expect(profiles.production.failsFrom).toBe('medium');
  expect(profiles.strictest.failsFrom).toBe('medium');
  expect(profiles.readiness.failsFrom).toBe('high');
});
