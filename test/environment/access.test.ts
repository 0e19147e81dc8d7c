import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { access, knownNeeds } from '../../environment/access.ts';
import { deployment } from './deployment.ts';

const everything = `
api: { url: https://api.example }
realtime: { urls: [wss://rt.example] }
meetings: { url: wss://lk.example, tokens: { procedure: livekit.getToken } }
web: { landing: https://a.example, dashboard: https://b.example, meeting: https://c.example, widget: https://d.example/w.js }
accounts: { create: true, cleanup: database }
database: { appUrl: postgres://a@b/c, serviceUrl: postgres://s@b/c, poolerUrl: postgres://a@p/c }
redis: { url: redis://r.example }
cloud: { project: p }
outbox: { url: https://o.example }
identity: { url: https://i.example }
clock: { url: https://t.example }
surveys: { fallbackSeconds: [1, 2, 3] }
models: { failingPrompt: fail }
agent: { url: https://agent.example, environment: agent.env }
logs: [{ service: api, file: a.log }]`;

const granted = { status: 'granted' };
const unmet = (needs: string) => ({ status: 'unmet', needs });
const excluded = (part: string) => ({ status: 'excluded', why: `parts.${part}: false in the environment file` });

test.each(knownNeeds)('%s is granted where everything is, and not where nothing is', (need) => {
  expect(access(deployment(everything), [need])).toEqual(granted);
  if (need !== 'agent') expect(access(deployment('web: {}'), [need]).status).toBe('unmet');
});

test.each([
  ['nothing needed', '', [], granted],
  ['one thing missing', 'api: { url: https://a.example }', ['api', 'database.appUrl'], unmet('database.appUrl')],
  [
    'several things missing',
    '',
    ['redis.url', 'database.appUrl', 'database.appUrl'],
    unmet('redis.url, database.appUrl'),
  ],
  ['a part that does not exist', 'parts: { meeting: false }', ['meetings'], excluded('meeting')],
  [
    'a part that does not exist outweighs what is missing',
    'parts: { agent: false }',
    ['redis.url', 'agent'],
    excluded('agent'),
  ],
  [
    'a part that does not exist, although it has an address',
    `${everything}\nparts: { widget: false }`,
    ['web.widget'],
    excluded('widget'),
  ],
  [
    "the meetings' Redis falls back to the one there is",
    'meetings: { url: wss://l.example }\nredis: { url: redis://r.example }',
    ['meetings.redis'],
    granted,
  ],
  ['no token source', 'meetings: { url: wss://l.example }', ['meetings.keys'], unmet('meetings.tokens')],
  [
    'accounts that could not be removed',
    'accounts: { create: true, cleanup: database }',
    ['accounts'],
    unmet('database.serviceUrl'),
  ],
  ['accounts that may stay', 'accounts: { create: true, cleanup: none }', ['accounts'], granted],
  ['no accounts after all', 'accounts: { create: false }', ['accounts'], unmet('accounts.create or accounts.given')],
  [
    'given accounts',
    'accounts: { given: [{ tenant: a, role: owner, email: a@b.c, password: x }] }',
    ['accounts'],
    granted,
  ],
])('%s', (_, yaml, needs, expected) => {
  expect(access(deployment(`${yaml}\n${yaml.includes('web:') ? '' : 'web: {}'}`), needs)).toEqual(expected);
});

test('a need nobody knows is our own mistake', () => {
  expect(() => access(deployment('web: {}'), ['telepathy'])).toThrow('no rule says what grants telepathy');
});

test('every need a check may have has its rule', () => {
  const source = readFileSync(new URL('../../suites/check.ts', import.meta.url), 'utf8');
  const union = /export type Need =([^;]+);/.exec(source)![1]!.replace(/\/\/.*/g, '');
  const needs = [...union.matchAll(/'([\w.]+)'/g)].map(([, need]) => need);
  expect(needs.length).toBeGreaterThan(10);
  expect(knownNeeds).toEqual(expect.arrayContaining(needs));
});
