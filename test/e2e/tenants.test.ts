import { describe, expect, test } from 'vitest';
import type { Reply, Trpc } from '../../platform/trpc.ts';
import { everyPage } from '../../suites/e2e/tenants.ts';

const answer = {} as Reply['answer'];
const data = (value: unknown): Reply => ({ ok: true, status: 200, outcome: { kind: 'data', data: value }, answer });

/** A list of so many rows that hands out what is asked for. */
function listOf(rows: number): { readonly client: Trpc; readonly asked: unknown[] } {
  const all = Array.from({ length: rows }, (_, i) => ({ id: String(i) }));
  const asked: unknown[] = [];
  const query = async (_path: string, input: unknown) => {
    const { limit, offset } = input as { limit: number; offset: number };
    asked.push(input);
    return data({ users: all.slice(offset, offset + limit), total: 1, hasMore: false });
  };
  return { client: { query } as unknown as Trpc, asked };
}

describe('a list that is read to its end', () => {
  test.each([0, 1, 99, 100, 101, 250])('of %d rows has all of them, whatever it says of more', async (rows) => {
    const { client, asked } = listOf(rows);
    const reply = await everyPage(client, 'users.list', 'users', { role: 'owner' });
    const found = reply.ok && reply.outcome.kind === 'data' ? (reply.outcome.data as { users: unknown[] }).users : [];
    expect(found).toHaveLength(rows);
    expect(asked[0]).toEqual({ role: 'owner', limit: 100, offset: 0 });
    expect(asked).toHaveLength(Math.floor(rows / 100) + 1);
  });

  test('is not read for ever', async () => {
    const { client, asked } = listOf(10_000);
    await everyPage(client, 'users.list', 'users');
    expect(asked).toHaveLength(30);
  });

  test('that is refused is a refusal', async () => {
    const refused = { ok: false, status: 500, because: 'answered 500', answer } satisfies Reply;
    const client = { query: async () => refused } as unknown as Trpc;
    expect(await everyPage(client, 'users.list', 'users')).toBe(refused);
  });
});
