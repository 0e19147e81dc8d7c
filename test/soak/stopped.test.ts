import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { environmentFrom } from '../../cli/environment.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import { runSoak } from '../../runners/soak/engine.ts';
import critical from '../../suites/soak/critical.ts';
import { until } from './processes.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'shakedown-stopped-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const never: RequestListener = () => undefined;
const refuse: RequestListener = (_, response) => {
  response.statusCode = 500;
  response.end('{}');
};

test.each([
  { name: 'stopped while its users are being made says nothing about them', listener: never, rows: 0 },
  { name: 'whose users nobody takes tells of it', listener: refuse, rows: 1 },
])(
  'a soak $name',
  async ({ listener, rows }) => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const entries: Entry[] = [];
    const stop = new AbortController();
    const soaking = runSoak({
      ...about(environmentOf(server.address() as AddressInfo)),
      signal: stop.signal,
      emit: (entry) => void entries.push(entry),
    });
    await until(() => (rows > 0 ? toldOf(entries).length > 0 : asked > 0), 30_000, 'the first of the users');
    stop.abort();
    await soaking;
    await sleep(100);
    server.closeAllConnections();
    server.close();
    expect(toldOf(entries).map((entry) => (entry.kind === 'measurement' && !entry.ok ? entry.because : ''))).toEqual(
      rows === 0 ? [] : [expect.stringContaining('no user could be made ready: auth.register')],
    );
  },
  60_000,
);

const toldOf = (entries: readonly Entry[]) => entries.filter(({ kind }) => kind === 'measurement');

const about = (environment: ReturnType<typeof environmentOf>) => ({
  environment,
  clock: runClock(),
  scope: 'sd-test',
  plan: { plannedMs: 60_000, timeScale: 1, slotMs: 5_000 },
  leftMs: 60_000,
  users: 2,
  socketLimitMs: 3_600_000,
  k6Path: 'k6',
  ready: Promise.resolve(),
  bodies: [{ check: 'soak.critical', body: critical }],
});

function environmentOf({ port }: AddressInfo) {
  const path = join(home, 'env.yaml');
  const absent = ['realtime', 'meeting', 'agent', 'landing', 'dashboard', 'widget', 'database', 'redis'];
  writeFileSync(
    path,
    [
      'name: test',
      'kind: disposable',
      'allow: [soak]',
      `parts: { ${absent.map((part) => `${part}: false`).join(', ')} }`,
      `api: { url: "http://127.0.0.1:${port}" }`,
      'accounts: { create: true, cleanup: none }',
      '',
    ].join('\n'),
  );
  return environmentFrom(path);
}
