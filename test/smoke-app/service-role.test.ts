import net from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Making } from '../../platform/accounts.ts';
import { raisePlan, usePair } from '../../platform/people.ts';
import { openHttp } from '../../probes/http.ts';
import { prepare } from '../../suites/load/prepare.ts';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { visit } from './observe.ts';
import { apiForEverybody } from './people.ts';

const message = (type: string, body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const ready = message('Z', 'I');

/** A database that takes every statement, and changes so many rows by each. */
async function databaseThatChanges(rows: () => number): Promise<string> {
  const answer = () =>
    Buffer.concat([message('1', ''), message('2', ''), message('n', ''), message('C', `UPDATE ${rows()}\0`), ready]);
  const server = net.createServer((socket) => {
    let waiting = Buffer.alloc(0);
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]));
      socket.on('data', (bytes: Buffer) => {
        waiting = Buffer.concat([waiting, bytes]);
        for (let end = 0; waiting.length >= 5; waiting = waiting.subarray(end)) {
          end = 1 + waiting.readInt32BE(1);
          if (waiting.length < end) return;
          if (waiting.toString('latin1', 0, 1) === 'S') socket.write(answer());
        }
      });
    });
  });
  const { port, close } = await listen(server, 'postgres');
  onTestFinished(() => close());
  return `postgres://service:pw@127.0.0.1:${port}/platform`;
}

let rows = 0;
let making: Making;
beforeEach(async () => {
  const serviceUrl = await databaseThatChanges(() => rows);
  const environment = deployment(
    `api: { url: ${await apiForEverybody()} }\naccounts: { create: true, cleanup: database }\ndatabase: { serviceUrl: "${serviceUrl}" }\ntimeoutMs: 1000`,
  );
  making = { ...visit(environment), scope: 'sd-1', cleanup: () => undefined, residue: () => undefined };
});

test.each([
  { name: 'moves a user', changed: 1, kind: 'pair' },
  { name: 'sees nobody to move', changed: 0, kind: 'unmet' },
])('two people of one tenant, where the role granted $name', async ({ changed, kind }) => {
  rows = changed;
  const http = openHttp(making);
  const pair = await usePair(making, http);
  await http.close();
  expect(pair.kind).toBe(kind);
});

test('a plan is raised when its row was changed', async () => {
  const account = { tenantId: '00000000-0000-4000-8000-000000000001' } as Parameters<typeof raisePlan>[1][number];
  rows = 1;
  expect(await raisePlan(making, [account])).toBe(true);
  rows = 0;
  expect(await raisePlan(making, [account])).toBe(false);
});

test('the load keeps to the lowest limits, and to itself, where the role granted sees no tenant', async () => {
  rows = 0;
  const http = openHttp(making);
  const { plan, people, notes } = await prepare(making, http, 2);
  await http.close();
  expect(plan).toBe('unknown');
  expect(people.map(({ index, partner }) => index === partner)).toEqual([true, true]);
  expect(notes.join()).toContain('the plan of 2 of 2 tenants could not be raised');
});
