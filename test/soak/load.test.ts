import { expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { isNoError } from '../../suites/soak/cohort.ts';
import critical from '../../suites/soak/critical.ts';
import { judge } from '../../verdict/judge.ts';
import { deployment } from '../environment/deployment.ts';
import { healthyAnswers } from '../servers/healthy.ts';
import { serve } from '../watch/watching.ts';
import { hour, judged, planned, rowOf, series, soakRun } from './records.ts';
import { soakShortly } from './shortly.ts';

/** A load that was never sent is no evidence. */
const asked = 20;
const users = (hours: number, present: (t: number) => number, refused: (t: number) => number = () => 0) => {
  const of = (name: string, value: (t: number) => number) =>
    series('harness.users', hours, value, { labels: { of: name }, noise: 0 });
  return [...of('asked', () => asked), ...of('refused', refused), ...of('present', present)];
};
const load = (entries: readonly Entry[]) =>
  rowOf(judged(soakRun(20), [planned('soak.critical', ['load']), ...entries]), 'soak.critical', 'load');
const away = (from: number, to: number) => (t: number) => (t >= from && t < to ? asked : 0);
const without = (missing: (t: number) => number) => (t: number) => asked - missing(t);
const why: Entry = { kind: 'note', what: 'w', detail: 'auth.register: answered 500', unseen: 'background' };

test.each([
  { name: 'all of the time', entries: users(20, () => asked), status: 'pass' },
  { name: 'but for half an hour of twenty', entries: users(20, without(away(4, 4.5))), status: 'pass' },
  {
    name: 'but for five hours, refused',
    entries: [...users(20, without(away(1, 6)), away(1, 6)), why],
    status: 'fail',
    says: 'there for 75.0 % of 20 h (auth.register: answered 500); for 25.0 % of it the deployment did not take them',
  },
  { name: 'but for five hours, for a cause of ours', entries: users(20, without(away(1, 6))), status: 'undecided' },
  {
    name: 'two of twenty refused throughout',
    entries: users(
      20,
      () => 18,
      () => 2,
    ),
    status: 'fail',
  },
  { name: 'not one of them', entries: users(20, () => 0), status: 'undecided' },
  {
    name: 'told of for the first half',
    entries: [...users(10, () => asked), ...series('x', 20, () => 1)],
    status: 'undecided',
  },
])('users are there $name: $status', ({ entries, status, says }) => {
  const row = load(entries);
  expect(row.status).toBe(status);
  if (says) expect(row.why).toContain(says);
});

test('a record that tells nothing of its load is undecided', () => {
  expect(load(series('x', 20, () => 1)).status).toBe('undecided');
});

test('a gap of ours is no time without users', () => {
  const gap: Entry = { kind: 'ours', what: 'gap', fromMs: 5 * hour, toMs: 10 * hour, detail: 'killed' };
  const seen = users(20, () => asked).filter(
    (one) => one.kind === 'sample' && (one.atMs < gap.fromMs || one.atMs > gap.toMs),
  );
  expect(load([...seen, gap]).status).toBe('pass');
});

test('a user whom the deployment does not make is a critical answer, and missing from the load', async () => {
  const server = await serve((request, response) => {
    if (request.url?.startsWith('/trpc/auth.register')) return void response.writeHead(500).end('{}');
    healthyAnswers(request, response);
  });
  const parts = 'parts: { realtime: false, meeting: false, database: false, redis: false }';
  const accounts = 'accounts: { create: true, cleanup: none }';
  const entries = await soakShortly({
    environment: deployment(`api: { url: "${server.url}" }\nbudget: { requests: 100000 }\n${accounts}\n${parts}`),
    plan: { plannedMs: 60_000, timeScale: 12, slotMs: 5_000 },
    bodies: { 'soak.critical': critical },
    enough: (seen) =>
      seen.some((one) => one.kind === 'window' && one.lost !== undefined) &&
      seen.some((one) => one.kind === 'sample' && one.labels?.of === 'refused' && one.value > 0),
  });
  await server.close();
  const row = rowOf(judge(entries), 'soak.critical', 'answers');
  expect(row).toMatchObject({ status: 'fail', why: expect.stringContaining('auth.register: answered 500') });
  const unseen = entries.find((entry) => entry.kind === 'note' && entry.unseen === 'background');
  expect(unseen).toMatchObject({ detail: expect.stringContaining('auth.register: answered 500') });
}, 120_000);

test.each([
  { because: 'auth.register: answered 429 TOO_MANY_REQUESTS: later', isNone: true },
  { because: 'a given member could not be used: sign-in was refused (CredentialsSignin)', isNone: true },
  { because: 'a given member could not be used: sign-in answered 500 and set no session cookie', isNone: false },
  { because: 'sign-in was refused (CredentialsSignin)', isNone: false },
  { because: 'auth.register: answered 500 INTERNAL_SERVER_ERROR: 429 of them', isNone: false },
])('"$because" is no error of the deployment: $isNone', ({ because, isNone }) => {
  expect(isNoError(because)).toBe(isNone);
});
