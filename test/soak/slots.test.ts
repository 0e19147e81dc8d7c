import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import latency from '../../suites/soak/latency.ts';
import { startSlots } from '../../suites/soak/slots.ts';
import { judge } from '../../verdict/judge.ts';
import { deployment } from '../environment/deployment.ts';
import { healthyAnswers } from '../servers/healthy.ts';
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
