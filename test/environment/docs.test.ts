import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaults } from '../../environment/assemble.ts';
import { knownKeys } from '../../environment/load.ts';

const page = readFileSync(new URL('../../docs/environment-file.md', import.meta.url), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([\w.[\]]+)` \| .* \| (.*) \|$/gm)].map(([, key, byDefault]) => [key!, byDefault!]),
);

/** Each key the parser knows, spelt as the page spells it; a section has no row of its own, a list of sections has one. */
function parserKeys(path: readonly (string | number)[] = [], prefix = ''): string[] {
  return knownKeys(path).flatMap((key) => {
    const inner = [...path, key];
    const name = `${prefix}${key}`;
    if (knownKeys(inner).length === 0) return [name];
    const isList = ['given', 'logs', 'waivers', 'processes', 'metrics'].includes(key);
    return isList ? [name, ...parserKeys(inner, `${name}[].`)] : parserKeys(inner, `${name}.`);
  });
}

test('the page and the parser know the same keys', () => {
  expect([...rows.keys()].sort()).toEqual(parserKeys().sort());
  expect(rows.size).toBeGreaterThan(60);
});

test.each<[string, string | number]>([
  ['budget.requests', defaults.budget.requests],
  ['budget.aiMessages', defaults.budget.aiMessages],
  ['budget.usd', defaults.budget.usd],
  ['timeoutMs', defaults.timeoutMs],
  ['api.trpcPath', `\`${defaults.trpcPath}\``],
  ['api.healthPath', `\`${defaults.healthPath}\``],
  ['api.publicQuery', `\`${defaults.publicQuery}\``],
  ...Object.entries(defaults.expect).map(([key, value]) => [`expect.${key}`, value] as [string, string | number]),
])('the default of %s is the one the page gives', (key, value) => {
  expect(rows.get(key)).toBe(String(value));
});
