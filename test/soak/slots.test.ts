import type { ServerResponse } from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import latency from '../../suites/soak/latency.ts';
import { startSlots } from '../../suites/soak/slots.ts';
import { decodeBins } from '../../verdict/histogram.ts';
import { judge } from '../../verdict/judge.ts';
import { deployment } from '../environment/deployment.ts';
import { certificate } from '../servers/certificates.ts';
import { healthyAnswers } from '../servers/healthy.ts';
import { listen } from '../servers/listen.ts';
import { serve } from '../watch/watching.ts';
import { rowOf } from './records.ts';
import { soakShortly } from './shortly.ts';

const plan = { plannedMs: 60_000, timeScale: 1, slotMs: 100 };
const parts = 'parts: { realtime: false, meeting: false, database: false, redis: false }';

type Slot = Extract<Entry, { kind: 'measurement' }>;
const slotsOf = (entries: readonly Entry[]): readonly Slot[] =>
  entries
    .filter((entry): entry is Slot => entry.kind === 'measurement')
    .toSorted((a, b) => (a.dueMs ?? 0) - (b.dueMs ?? 0));

describe('availability', () => {
  test('an outage of everything but /health has its length, and ends when data comes again', async () => {
    let queries = 0;
    const refused = (response: ServerResponse) => response.writeHead(500).end('{}');
    const server = await serve((request, response) => {
      const isQuery = request.url?.startsWith('/trpc/') === true;
      if (isQuery && ++queries <= 8) return refused(response);
      healthyAnswers(request, response);
    });
    const entries = await soakShortly({
      environment: deployment(`api: { url: "${server.url}" }\n${parts}`),
      plan,
      bodies: { 'soak.uptime': startSlots },
      enough: (seen) => queries >= 10 && slotsOf(seen).length > 30,
    });
    await server.close();
    const failed = slotsOf(entries).filter(({ ok }) => !ok);
    expect(failed).toHaveLength(8);
    expect(failed.every((slot) => !slot.ok && slot.because.startsWith('a public query: '))).toBe(true);
    expect(failed.at(-1)!.dueMs! - failed[0]!.dueMs!).toBeLessThan(12 * plan.slotMs);
    const { outages } = judge(entries).soak!;
    expect(outages).toMatchObject([{ because: expect.stringContaining('a public query') }]);
    // Afterwards it is asked for as seldom as before.
    expect(queries - 8).toBeLessThan(slotsOf(entries).length / 6);
  }, 90_000);

  test('a refusal while we stand still counts; what we only waited for in vain is a gap that is told', async () => {
    let asked = 0;
    const server = await serve((request, response) => {
      const turn = request.url === '/health' ? asked++ : -1;
      if (turn === 20) return void setTimeout(() => standStill(600), 200);
      if (turn !== 3) return healthyAnswers(request, response);
      standStill(600);
      response.writeHead(503).end();
    });
    const entries = await soakShortly({
      environment: deployment(`api: { url: "${server.url}" }\ntimeoutMs: 2000\n${parts}`),
      plan,
      bodies: { 'soak.uptime': startSlots },
      enough: (seen) => seen.some((entry) => entry.kind === 'ours' && entry.what === 'gap'),
    });
    await server.close();
    expect(slotsOf(entries).filter(({ ok }) => !ok)).toMatchObject([{ because: '/health answered 503' }]);
    expect(entries.filter(({ kind }) => kind === 'ours')).toMatchObject([
      { what: 'gap', detail: expect.stringContaining('stood still while it waited: no answer within') },
    ]);
  }, 90_000);
});

function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test('/health is timed in every slot, for the check of the latencies alone as well', async () => {
  const server = await serve(healthyAnswers);
  const entries = await soakShortly({
    environment: deployment(`api: { url: "${server.url}" }\n${parts}`),
    plan,
    bodies: { 'soak.latency': latency },
    enough: (seen) => seen.filter((entry) => entry.kind === 'window' && entry.assertion === 'T-health').length >= 1,
  });
  await server.close();
  expect(slotsOf(entries)).toEqual([]);
  expect(rowOf(judge(entries), 'soak.latency', 'T-health').samples).toBeGreaterThan(10);
}, 90_000);

test('a handshake is no part of what /health takes, one that is held up is', async () => {
  const { key, cert, ca } = await certificate({ names: ['localhost'] });
  const context = createSecureContext({ key, cert });
  let connections = 0;
  // Far away: each handshake takes a third of a second, and each fourth a second more.
  const server = https.createServer(
    {
      key,
      cert,
      SNICallback: (_, done) => setTimeout(() => done(null, context), ++connections % 4 === 0 ? 1_300 : 300),
    },
    (request, response) => {
      response.setHeader('connection', 'close');
      healthyAnswers(request, response);
    },
  );
  const { port, close } = await listen(server, 'https');
  const made = deployment(`api: { url: "https://localhost:${port}" }\ntimeoutMs: 20000\n${parts}`);
  const entries = await soakShortly({
    environment: { ...made, tls: { ...made.tls, ca } },
    plan: { ...plan, slotMs: 1_500 },
    bodies: { 'soak.latency': latency },
    enough: () => connections > 9,
  });
  await close();
  const bins = entries.flatMap((entry) => (entry.kind === 'window' && entry.histogram ? [entry.histogram] : []));
  const tookMs = bins.flatMap(decodeBins).flatMap(({ low, count }) => Array<number>(count).fill(low / 1_000));
  expect(tookMs.length).toBeGreaterThan(6);
  expect(tookMs.filter((ms) => ms < 250).length).toBeGreaterThan(tookMs.length / 2);
  expect(tookMs.some((ms) => ms > 900)).toBe(true);
  const told = entries.find((entry) => entry.kind === 'sample' && entry.series === 'health.connect');
  expect(told).toMatchObject({ unit: 'ms', value: expect.any(Number) });
}, 90_000);
