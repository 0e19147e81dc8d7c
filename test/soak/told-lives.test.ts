import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { Servers } from '../../suites/soak/servers.ts';
import { startWatchers } from '../../suites/soak/watched.ts';
import { watching } from '../watch/watching.ts';
import { checkOf, judged, planned, soakRun } from './records.ts';

/** Nothing of a part that exists was seen: its restarts are open, whatever was seen of others. */

const minute = 60_000;
const asBuilt = 'api: { url: "http://localhost:1" }\nrealtime: { urls: ["ws://localhost:2/ws"] }';
const noAgent = 'parts: { meeting: false, database: false, redis: false }';

function soakOf(yaml: string) {
  const around = watching(yaml);
  const ticks: (() => Promise<void>)[] = [];
  const soak = {
    ...around,
    checks: new Set(['soak.restarts']),
    watch: (watcher: { close?(): Promise<void> }) => void watcher.close?.(),
    every: (_name: string, _everyMs: number, task: (dueMs: number) => Promise<void>) =>
      void ticks.push(() => task(around.now())),
  } as unknown as SoakContext;
  const tick = async (atMs: number) => {
    around.at(atMs);
    for (const one of ticks) await one();
  };
  return { soak, at: around.at, tick, emitted: around.emitted };
}

const lives = (service: string): Entry[] =>
  Array.from({ length: 300 }, (_, look): Entry => {
    const labels = { service, from: 'process', life: '7@1' };
    return { kind: 'sample', series: 'process.up', unit: '1', labels, atMs: look * minute, value: 1 };
  });

function assertionsOf(yaml: string, entries: readonly Entry[]) {
  const { soak, emitted } = soakOf(yaml);
  startWatchers('soak.restarts', soak);
  const started = emitted.filter(({ kind }) => kind === 'plan' || kind === 'unmet');
  return checkOf(judged(soakRun(48), [planned('soak.restarts'), ...started, ...entries]), 'soak.restarts').assertions;
}

const rowsOf = (yaml: string, entries: readonly Entry[]): Record<string, string> =>
  Object.fromEntries(assertionsOf(yaml, entries).map(({ name, status }) => [name, status]));

const whyOf = (yaml: string, entries: readonly Entry[]): Record<string, string> =>
  Object.fromEntries(assertionsOf(yaml, entries).map(({ name, why }) => [name, why]));

describe('restarts of a deployment', () => {
  test('whose parts tell nothing of themselves are not proven by those of Redis', () => {
    expect(rowsOf(asBuilt, lives('redis'))).toEqual({
      redis: 'pass',
      api: 'undecided',
      realtime: 'undecided',
      livekit: 'not-verified',
      agent: 'not-verified',
    });
  });

  test('whose processes are all watched are proven', () => {
    const processes = ['api', 'realtime', 'livekit', 'agent'].map((service) => `{ service: ${service}, pid: 1 }`);
    const yaml = `${asBuilt}\nwatch: { processes: [${processes.join(', ')}] }`;
    const all = ['api', 'realtime', 'livekit', 'agent'].flatMap(lives);
    expect(new Set(Object.values(rowsOf(yaml, all)))).toEqual(new Set(['pass']));
    expect(rowsOf(yaml, [...lives('api'), ...lives('realtime'), ...lives('agent')]).livekit).toBe('undecided');
  });

  test('whose processes have names of their own are proven by these', () => {
    const yaml = `${asBuilt}\n${noAgent}\nwatch: { processes: [{ service: api-blue, pid: 1 }, { service: ws-a, pid: 2 }] }`;
    expect(rowsOf(yaml, [...lives('api-blue'), ...lives('ws-a')])).toEqual({ 'api-blue': 'pass', 'ws-a': 'pass' });
    expect(rowsOf(yaml, lives('api-blue'))).toEqual({ 'api-blue': 'pass', 'ws-a': 'undecided' });
  });

  test('whose stores may be asked and never told are open, whatever was seen of others', () => {
    const stores = 'database: { serviceUrl: "postgres://localhost:3/app" }\nredis: { url: "redis://localhost:4" }';
    const yaml = `${asBuilt}\n${stores}\nparts: { meeting: false, realtime: false }`;
    const [pass, undecided] = ['pass', 'undecided'];
    expect(rowsOf(yaml, lives('api'))).toEqual({ api: pass, postgres: undecided, redis: undecided });
    const stored = [...lives('api'), ...lives('postgres')];
    expect(rowsOf(yaml, [...stored, ...lives('redis')])).toEqual({ api: pass, postgres: pass, redis: pass });
    const detail = 'its INFO holds no run_id';
    const unnamed: Entry = { kind: 'note', what: 'watching redis', detail, unseen: 'redis' };
    expect(whyOf(yaml, [...stored, unnamed]).redis).toContain(detail);
  });
});

describe('the server that a socket names', () => {
  const url = 'ws://localhost:2/ws';

  async function told(serverOf: (look: number, socket: number) => string) {
    const { soak, at, tick, emitted } = soakOf(`${asBuilt}\n${noAgent}`);
    const servers = new Servers(soak);
    const sockets = [{}, {}];
    for (let look = 0; look < 300; look += 1) {
      at(look * minute - 20_000);
      for (const [i, socket] of sockets.entries()) servers.letIn(socket, url, serverOf(look, i));
      await tick(look * minute);
    }
    const report = judged(soakRun(48), [planned('soak.restarts'), ...emitted]);
    return checkOf(report, 'soak.restarts').assertions.map(({ name, status }) => [name, status]);
  }

  test('is its life: another one is a restart', async () => {
    expect(await told(() => 'ws-1-a')).toEqual([['realtime', 'pass']]);
    expect(await told((look) => (look < 100 ? 'ws-1-a' : 'ws-2-b'))).toEqual([['realtime', 'fail']]);
  });

  test('is one of several that are there at once', async () => {
    expect(await told((_, socket) => (socket === 0 ? 'ws-1-a' : 'ws-1-b'))).toEqual([['realtime', 'pass']]);
  });

  test('is not told once the socket has ended, or is silent', async () => {
    const { soak, at, tick, emitted } = soakOf(asBuilt);
    const servers = new Servers(soak);
    const [one, other] = [{}, {}];
    servers.letIn(one, url, 'ws-1-a');
    servers.letIn(other, url, 'ws-1-b');
    servers.ended(one);
    await tick(30_000);
    expect(emitted).toMatchObject([{ labels: { service: 'realtime', instance: 'ws-1-b' } }]);
    await tick(120_000);
    expect(emitted).toHaveLength(1);
    at(150_000);
    servers.heard(other);
    await tick(160_000);
    expect(emitted).toHaveLength(2);
  });
});
