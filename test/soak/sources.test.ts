import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { startWatchers } from '../../suites/soak/watched.ts';
import { judge } from '../../verdict/judge.ts';
import type { Report } from '../../verdict/types.ts';
import { deployment } from '../environment/deployment.ts';
import { serve } from '../watch/watching.ts';
import { answers, checkOf, hour, judged, limit, planned, rowOf, series, slots, soakRun } from './records.ts';
import { soakShortly } from './shortly.ts';

/** A source that is granted and tells nothing, or stops, is no evidence: a pass would be one of what nobody saw. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a source that never delivers', () => {
  let report: Report;
  beforeAll(async () => {
    const server = await serve((request, response) => {
      const body = request.url === '/named' ? 'myapp_process_resident_memory_bytes 1e8\n' : '';
      response.writeHead(request.url === '/absent' ? 404 : 200).end(body);
    });
    writeFileSync(join(folder, 'here.log'), '');
    const environment = deployment(
      [
        `api: { url: "${server.url}" }`,
        'parts: { realtime: false, meeting: false, database: false, redis: false }',
        'watch:',
        `  processes: [{ service: boxed, cgroup: "${folder}/gone" }]`,
        `  metrics: [{ service: absent, url: "${server.url}/absent" }, { service: named, url: "${server.url}/named" }]`,
        `logs: [{ service: lost, file: "${folder}/none.log" }, { service: here, file: "${folder}/here.log" }]`,
      ].join('\n'),
    );
    report = await watchedFor(environment, ['soak.memory.SERVICE', 'soak.cpu.SERVICE', 'soak.critical']);
    await server.close();
  }, 60_000);

  test.each([
    ['soak.memory.SERVICE', 'absent metrics', 'the metrics of absent answered 404'],
    ['soak.memory.SERVICE', 'named metrics', 'hold none of the names known here'],
    ['soak.memory.SERVICE', 'boxed container', 'container boxed told nothing of it'],
    ['soak.cpu.SERVICE', 'absent metrics', 'the metrics of absent answered 404'],
    ['soak.critical', 'logs lost', 'the log of lost could not be read (ENOENT)'],
  ])('leaves %s %s undecided and says why', (check, name, why) => {
    expect(rowOf(report, check, name)).toMatchObject({ status: 'undecided', why: expect.stringContaining(why) });
  });
});

/** Watches in scaled time until every watcher has looked, and judges what was recorded. */
async function watchedFor(environment: ReturnType<typeof deployment>, checks: readonly string[]): Promise<Report> {
  const entries = await soakShortly({
    environment,
    plan: { plannedMs: 60_000, timeScale: 600, slotMs: 1_000 },
    bodies: Object.fromEntries(checks.map((check) => [check, (soak) => startWatchers(check, soak)])),
    enough: (seen) =>
      ['metrics absent', 'metrics named', 'log lost'].every((source) =>
        seen.some((entry) => entry.kind === 'note' && entry.unseen === source),
      ) && seen.some((entry) => entry.kind === 'sample' && entry.series === 'log.lines'),
  });
  return judge(entries, { profile: 'readiness' });
}

/** What goes over sockets, as the check of critical errors alone has it. */
const messages = (hours: number): Entry[] =>
  Array.from({ length: hours * 6 }, (_, i): Entry => {
    const base = { kind: 'window', check: 'soak.critical', assertion: 'messages', good: 100 } as const;
    return { ...base, fromMs: (i / 6) * hour, toMs: ((i + 1) / 6) * hour };
  });

describe('a source that offers something else', () => {
  const seen = series('process.memory', 12, () => 2e8, { labels: { service: 'api', from: 'process' } });
  const sources = { 'api metrics': 'metrics api', 'web metrics': 'metrics web' };
  const plan: Entry = { kind: 'plan', check: 'soak.memory.SERVICE', assertions: Object.keys(sources), sources };
  const rowsWith = (more: readonly Entry[]) =>
    checkOf(judged(soakRun(12), [planned('soak.memory.SERVICE'), plan, ...seen, ...more]), 'soak.memory.SERVICE')
      .assertions.map(({ name }) => name)
      .sort();

  test('is made up for by another of the same service', () => {
    expect(rowsWith([])).toEqual(['api', 'web metrics']);
  });

  test('and not when it could not be looked at', () => {
    const note: Entry = { kind: 'note', what: 'watching', detail: 'it answered 404', unseen: 'metrics api' };
    expect(rowsWith([note])).toEqual(['api', 'api metrics', 'web metrics']);
  });
});

describe('a source that stops delivering', () => {
  const quiet = { noise: 0 } as const;
  const api = { labels: { service: 'api', from: 'process' } };
  const whole = slots(12);
  const statusOf = (check: string, name: string, entries: readonly Entry[]) =>
    rowOf(judged(soakRun(12), [planned(check), ...whole, ...entries]), check, name).status;

  test.each([
    ['soak.db.deadlocks', 'deadlocks', (hours: number) => series('postgres.deadlocks', hours, () => 3, quiet)],
    ['soak.db.bloat', 'bloat', (hours: number) => series('postgres.bloat', hours, () => 0.1, quiet)],
    ['soak.memory.SERVICE', 'api', (hours: number) => series('process.memory', hours, () => 2e8, api)],
    ['soak.critical', 'logs api', (hours: number) => series('log.lines', hours, (t) => 100 * t, { ...api, ...quiet })],
    ['soak.critical', 'sockets', (hours: number) => messages(hours)],
    ['soak.latency', 'T-api', (hours: number) => answers('T-api', hours, () => 20)],
    [
      'soak.alerts',
      'redis.memory',
      (hours: number) => [limit('redis.memory', 100, 'maxmemory'), ...series('redis.memory', hours, () => 20, quiet)],
    ],
  ])('%s %s is undecided; one that told throughout passes', (check, name, of) => {
    expect(statusOf(check, name, of(12))).toBe('pass');
    expect(statusOf(check, name, of(11))).toBe('undecided');
    const holed = of(12).filter((entry) => {
      const atMs = 'atMs' in entry ? entry.atMs! : 'fromMs' in entry ? entry.fromMs : 0;
      return entry.kind === 'limit' || atMs < 5 * hour || atMs > 6 * hour;
    });
    expect(statusOf(check, name, holed)).toBe('undecided');
  });

  test('says why, as its source last said', () => {
    const note: Entry = { kind: 'note', what: 'watching', detail: 'it answered 404', unseen: 'process api' };
    const entries = [planned('soak.memory.SERVICE'), ...whole, ...series('process.memory', 10, () => 2e8, api), note];
    const { why } = rowOf(judged(soakRun(12), entries), 'soak.memory.SERVICE', 'api');
    expect(why).toContain('nothing told of it for 2.0 h of 12 h (it answered 404)');
  });

  test('what only we did not see, segment after segment, is no silence', () => {
    const gaps = Array.from({ length: 11 }, (_, i): Entry => {
      const fromMs = (i + 1) * hour;
      return { kind: 'ours', what: 'gap', fromMs, toMs: fromMs + 300_000, detail: 'nobody watched' };
    });
    const seen = series('postgres.bloat', 12, () => 0.1, quiet).filter((entry, i) => {
      const inHour = entry.kind === 'sample' ? entry.atMs % hour : 0;
      return i % 5 === 0 && (entry.kind !== 'sample' || entry.atMs < hour || inHour > 480_000);
    });
    expect(statusOf('soak.db.bloat', 'bloat', [...seen, ...gaps])).toBe('pass');
    expect(statusOf('soak.db.bloat', 'bloat', seen)).toBe('undecided');
  });

  test('one copy that is replaced by another is no silence', () => {
    const copy = (instance: string, from: number) =>
      series('process.memory', 6, () => 2e8, { labels: { service: 'api', instance }, from });
    expect(statusOf('soak.memory.SERVICE', 'api b', [...copy('a', 0), ...copy('b', 6)])).not.toBe('fail');
    const { why } = rowOf(
      judged(soakRun(12), [planned('soak.memory.SERVICE'), ...whole, ...copy('a', 0), ...copy('b', 6)]),
      'soak.memory.SERVICE',
      'api a',
    );
    expect(why).not.toContain('nothing told of it');
  });
});
