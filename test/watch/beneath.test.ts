import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cgroupWatcher, groupOf } from '../../probes/watch/cgroup.ts';
import { ServerLives } from '../../probes/watch/postgres.ts';
import { lifeIn, soon, watching } from './watching.ts';

/** A restart beneath a parent that stays: the postmaster, or the supervisor of a container. */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'beneath-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('PostgreSQL', () => {
  const seen = { started: 100.4, checkpointer: 101.2, stats_reset: 50.1 };

  test('whose checkpointer began anew has crashed', () => {
    const lives = new ServerLives();
    const life = lives.of(seen);
    expect(lives.of({ ...seen, started: 100.2 })).toBe(life);
    expect(lives.of({ ...seen, checkpointer: 400 })).not.toBe(life);
    expect(lives.of({ ...seen, started: 400, checkpointer: 401 })).not.toBe(life);
  });

  test('whose counters were set back by somebody has not, and one that hides its checkpointer once has not either', () => {
    const lives = new ServerLives();
    const life = lives.of(seen);
    expect(lives.of({ ...seen, stats_reset: 400 })).toBe(life);
    expect(lives.of({ ...seen, checkpointer: null })).toBe(life);
  });

  test('whose checkpointer may not be seen has lost its counters in a crash', () => {
    const lives = new ServerLives();
    const life = lives.of({ ...seen, checkpointer: null });
    expect(lives.of({ ...seen, checkpointer: null })).toBe(life);
    expect(lives.of({ ...seen, checkpointer: null, stats_reset: 400 })).not.toBe(life);
    expect(lives.of({ started: 100, checkpointer: null, stats_reset: null })).toBe('100');
  });
});

describe('a container', () => {
  const kills = (count: number) => writeFileSync(join(folder, 'memory.events'), `low 0\noom 2\noom_kill ${count}\n`);
  const life = async (watcher: ReturnType<typeof cgroupWatcher>) => lifeIn(await watcher.sample(soon));

  test('whose worker the kernel killed has another life, and keeps it', async () => {
    kills(3);
    const watcher = cgroupWatcher('api', folder, watching('redis: { url: redis://localhost:1 }'));
    const first = await life(watcher);
    expect(await life(watcher)).toBe(first);
    kills(4);
    const second = await life(watcher);
    expect(second).not.toBe(first);
    rmSync(join(folder, 'memory.events'));
    expect(await life(watcher)).toBe(second);
  });

  test('is the same for as long as its number is, whatever time the kernel makes up for its folder', () => {
    const seen = { ino: 4711, birthtimeMs: 0 };
    const later = { ...seen, ctimeMs: 1_000 };
    expect(groupOf(later)).toBe(groupOf({ ...seen, ctimeMs: 90_000_000 } as typeof later));
    expect(groupOf({ ...seen, ino: 4712 })).not.toBe(groupOf(seen));
    expect(groupOf({ ino: 7, birthtimeMs: 1_000 })).not.toBe(groupOf({ ino: 7, birthtimeMs: 2_000 }));
  });
});
