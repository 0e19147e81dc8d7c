import { afterEach, describe, expect, test } from 'vitest';
import { openHttp } from '../../probes/http.ts';
import { checkedUptime, healthWatcher } from '../../probes/watch/health.ts';
import { Starts } from '../../probes/watch/starts.ts';
import type { Sample } from '../../probes/watch/types.ts';
import { lifeIn, serve, soon, valueIn, watching } from './watching.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that says what `answers` says of a path, and a watcher of it. */
async function watched(answers: (path: string) => object | null) {
  const server = await serve((request, response) => {
    const body = answers(request.url ?? '/');
    response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const around = watching(`api: { url: "${server.url}" }`);
  const http = openHttp(around);
  closing.push(() => http.close(), server.close);
  const elsewhere = checkedUptime(http, around.environment.api!);
  return { around, watcher: healthWatcher('api', server.url, http, around, elsewhere) };
}

const livesIn = (samples: readonly Sample[]): string[] =>
  samples.flatMap(({ series, labels }) => (series === 'process.up' ? [labels!.life!] : []));

test('health tells of a restart by its uptime and of a deploy by its revision', async () => {
  const health = { status: 'ok', uptime: 50_000, revision: 'a1', instance: 'api-1', memory: { rss: 123 } };
  const { around, watcher } = await watched(() => health);
  const first = await watcher.sample(soon);
  expect(valueIn(first, 'process.memory')).toBe(123);
  around.at(60_000);
  health.uptime = 109_400;
  // The unit is known by now, and what was seen before is told with it.
  const both = livesIn(await watcher.sample(soon));
  expect(both).toEqual([both[0], both[0]]);
  around.at(120_000);
  health.uptime = 5_000;
  health.revision = 'b2';
  expect(livesIn(await watcher.sample(soon))).not.toContain(both[0]);
  expect(around.emitted).toMatchObject([{ kind: 'event', what: 'deploy', detail: 'revision a1 → b2' }]);
});

test('two revisions that are served in turn are one deploy, and one that comes back after it was away another', async () => {
  const health = { status: 'ok', revision: 'a1' };
  const { around, watcher } = await watched(() => health);
  const served = ['a1', 'b2', 'a1', 'b2', 'b2', 'a1', ...Array.from({ length: 12 }, () => 'b2'), 'a1'];
  for (const [look, revision] of served.entries()) {
    around.at(look * 60_000);
    health.revision = revision;
    await watcher.sample(soon);
  }
  const deploys = around.emitted.flatMap((entry) => (entry.kind === 'event' ? [entry.detail] : []));
  expect(deploys).toEqual(['revision a1 → b2', 'revision b2 → a1']);
});

test('an answer about its health that took long is no restart; one of a process that has just begun is, however long it took', async () => {
  let uptimeMs = 50_000;
  let answeredAt = 0;
  const { around, watcher } = await watched(() => {
    around.at(answeredAt);
    return { uptimeMs };
  });
  const lives = async (sentAt: number, doneAt: number, aged: number) => {
    around.at(sentAt);
    [answeredAt, uptimeMs] = [doneAt, aged];
    return lifeIn(await watcher.sample(soon));
  };
  const first = await lives(0, 0, 50_000);
  expect(await lives(60_000, 67_000, 111_000)).toBe(first);
  expect(await lives(120_000, 120_000, 170_000)).toBe(first);
  expect(await lives(180_000, 187_000, 5_000)).not.toBe(first);
});

/** What is told of processes that began at `startsMs`, one look a minute, by turns as `turn` says. */
async function told(
  field: string,
  looks: number,
  process: (look: number) => { readonly startMs: number },
  unit = 1,
): Promise<string[]> {
  let health: object = {};
  const { around, watcher } = await watched((path) => (path === '/' ? health : null));
  const lives: string[] = [];
  for (let look = 0; look < looks; look += 1) {
    const nowMs = look * 60_000;
    around.at(nowMs);
    const { startMs } = process(look);
    health = { status: 'ok', [field]: Math.round((nowMs - startMs) / unit) };
    lives.push(...livesIn(await watcher.sample(soon)));
  }
  return lives;
}

describe('one process is one life', () => {
  const kinds = (lives: readonly string[]) => lives.map((life) => [...new Set(lives)].indexOf(life));

  test.each([
    { name: 'milliseconds', field: 'uptime', unit: 1 },
    { name: 'seconds', field: 'uptime', unit: 1000 },
    { name: 'seconds that say so', field: 'uptimeSeconds', unit: 1000 },
  ])('its uptime in $name, and a restart is seen', async ({ field, unit }) => {
    const lives = await told(field, 8, (look) => ({ startMs: look < 5 ? -7_654_321 : 5 * 60_000 - 4_000 }), unit);
    expect(kinds(lives)).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
  });

  test('a restart before the unit was known is seen', async () => {
    const lives = await told('uptime', 4, (look) => ({ startMs: look < 1 ? -7_654_321 : 50_000 }), 1000);
    expect(kinds(lives)).toEqual([0, 1, 1, 1]);
  });

  test('several behind one address, by turns, and the restart of one', async () => {
    const one = { startMs: -5_000_000 };
    const two = (look: number) => ({ startMs: look < 6 ? -4_000_000 : 6 * 60_000 });
    const lives = await told('uptime', 10, (look) => (look % 2 === 0 ? one : two(look)));
    expect(kinds(lives)).toEqual([0, 1, 0, 1, 0, 1, 0, 2, 0, 2]);
  });

  test.each([
    { name: 'ahead', rate: 1 + 2e-5 },
    { name: 'behind', rate: 1 - 2e-5 },
  ])('a clock that is $name by 20 ppm, over 56 hours', ({ rate }) => {
    const starts = new Starts();
    const lives = Array.from({ length: 56 * 60 }, (_, look) => {
      const atMs = look * 60_000;
      const uptime = Math.round((atMs - (look < 3_300 ? 0 : 3_299 * 60_000)) * rate);
      return starts.see({ instance: '', uptime, sentMs: atMs, doneMs: atMs }, 1)[0]!.life;
    });
    expect(new Set(lives.slice(0, 3_300)).size).toBe(1);
    expect(new Set(lives.slice(3_300)).size).toBe(1);
    expect(lives.at(-1)).not.toBe(lives[0]);
  });

  test('an uptime that stands still tells of no life', async () => {
    expect(await told('uptime', 4, (look) => ({ startMs: look * 60_000 - 77_000 }))).toEqual([]);
  });
});

test('where /health names no uptime, health.check is asked, in milliseconds', async () => {
  let uptime = 5_000;
  const { around, watcher } = await watched((path) =>
    path === '/trpc/health.check' ? { result: { data: { status: 'healthy', uptime } } } : { status: 'ok' },
  );
  const [first] = livesIn(await watcher.sample(soon));
  around.at(60_000);
  uptime += 60_000;
  expect(livesIn(await watcher.sample(soon))).toEqual([first]);
  around.at(120_000);
  uptime = 3_000;
  expect(livesIn(await watcher.sample(soon))).not.toContain(first);
  expect(first).toBeDefined();
});

test('where nothing tells since when it runs, no life is told', async () => {
  const { watcher } = await watched((path) => (path === '/' ? { status: 'ok' } : null));
  expect(livesIn(await watcher.sample(soon))).toEqual([]);
});
