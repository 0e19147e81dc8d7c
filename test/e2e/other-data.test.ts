import { describe, expect, test } from 'vitest';
import type { Account } from '../../platform/accounts.ts';
import type { Reply, Trpc } from '../../platform/trpc.ts';
import type { BodyContext } from '../../runners/body.ts';
import { belongings } from '../../suites/e2e/belongings.ts';
import { otherData } from '../../suites/e2e/other-data.ts';

type Row = Record<string, unknown> & { readonly id: string; readonly router: string; readonly tenant: string };

/** What is wrong with a deployment. */
interface Defects {
  /** A procedure that answers with the rows of every tenant. */
  readonly leaks?: string;
  /** A procedure that refuses, and does it all the same. */
  readonly doesAllTheSame?: string;
  /** A procedure whose calls are too many. */
  readonly limited?: string;
  /** A procedure that answers as if it had done what it refuses. */
  readonly silent?: string;
  /** Routers it does not have. */
  readonly without?: readonly string[];
}

const answer = { startMs: 0, tookMs: 1 } as Reply['answer'];
const data = (value: unknown): Reply => ({ ok: true, status: 200, outcome: { kind: 'data', data: value }, answer });
const refusal = (status: number, name: string, message: string): Reply => ({
  ok: true,
  status,
  outcome: { kind: 'error', error: { message, code: 0, name, httpStatus: status, path: null } },
  answer,
});

const wrapped: Readonly<Record<string, string>> = { widgets: 'widgets' };
const changed: Readonly<Record<string, object | null>> = {
  'widgets.update': { name: 'taken', isActive: false },
  'widgets.delete': null,
  'apiKeys.revoke': { revokedAt: 'now' },
  'aiPersonalities.update': { name: 'taken' },
  'aiPersonalities.delete': null,
  'endUsers.block': { isBlocked: true },
  'escalations.agentJoined': { humanAgentJoinedAt: 'now' },
  'escalations.resolve': { resolvedAt: 'now' },
};

/** Two tenants of a deployment that keeps everything in one list. */
function deployment({ leaks, doesAllTheSame, limited, silent, without = [] }: Defects) {
  let rows: Row[] = [];
  const client = (tenant: string): Trpc => {
    const call = async (path: string, input: unknown): Promise<Reply> => {
      const [router = '', procedure = ''] = path.split('.');
      if (path === limited) return refusal(429, 'TOO_MANY_REQUESTS', 'later');
      if (without.includes(router)) return refusal(404, 'NOT_FOUND', `No procedure found on path "${path}"`);
      const asked = input as Record<string, unknown>;
      if (path === 'chat.sendMessage') {
        rows.push({ id: crypto.randomUUID(), router: 'analytics', tenant });
        return data({ userMessage: { content: asked.content }, assistantMessage: { content: 'yes' } });
      }
      if (procedure.startsWith('create')) {
        const row = { ...asked, id: crypto.randomUUID(), router, tenant };
        rows.push(row);
        return data(router === 'apiKeys' ? { apiKey: 'k', name: asked.name } : row);
      }
      const seen = rows.filter((row) => row.router === router && (path === leaks || row.tenant === tenant));
      if (procedure === 'list') {
        const page = seen.slice(Number(asked.offset ?? 0), Number(asked.offset ?? 0) + 100);
        return data(wrapped[router] === undefined ? page : { [wrapped[router]]: page });
      }
      if (procedure === 'getCostAnalysis') return data({ timeRange: asked.timeRange, answers: seen.length });
      if (procedure === 'getStats') return data({ total: String(seen.length) });
      const named = (row: Row) => Object.values(asked).includes(row.id) || row.sessionId === asked.sessionId;
      const change = changed[path];
      const mine = seen.find((row) => row.tenant === tenant && named(row)) !== undefined;
      if (change !== undefined && (mine || path === doesAllTheSame))
        rows = rows.flatMap((row) => (!named(row) ? [row] : change === null ? [] : [{ ...row, ...change }]));
      if (path === silent) return data({ success: true });
      const found = change === undefined ? seen.find(named) : undefined;
      return found ? data(found) : refusal(404, 'NOT_FOUND', 'not found or access denied');
    };
    return { query: call, mutation: call } as unknown as Trpc;
  };
  const account = (tenantId: string) => ({ tenantId, client: client(tenantId) }) as unknown as Account;
  return { owner: account('one'), stranger: account('two') };
}

/** What was said of it: `ok`, why not, or what it needs. */
async function said(defects: Defects): Promise<{ readonly marks: number; readonly words: readonly string[] }> {
  const words = new Set<string>();
  const context = {
    now: () => performance.now(),
    signal: new AbortController().signal,
    holds: () => words.add('ok'),
    breaks: (assertion: string, because: string) => words.add(`${assertion}: ${because}`),
    unmet: (needs: string) => words.add(`needs ${needs}`),
    note: () => undefined,
    secret: () => undefined,
    cleanup: () => undefined,
  } as unknown as BodyContext;
  const marks = await otherData(context, deployment(defects));
  return { marks: Object.keys(marks).length, words: [...words].filter((word) => word !== 'ok') };
}

describe('what else a tenant has', () => {
  test('is its own where a deployment keeps tenants apart', async () => {
    expect(await said({})).toEqual({ marks: belongings.length, words: [] });
  });

  test.each([
    ...['widgets', 'apiKeys', 'aiPersonalities', 'endUsers', 'escalations', 'surveys'].map((name) => `${name}.list`),
    ...['widgets.get', 'endUsers.getById', 'escalations.getById', 'surveys.getBySession'],
    ...['escalations.getStats', 'surveys.getStats', 'analytics.getCostAnalysis'],
  ])('is not, where %s knows no tenants', async (leaks) => {
    const { words } = await said({ leaks });
    expect(words).toHaveLength(1);
    expect(words[0]).toMatch(/^other-data: .*another tenant/);
  });

  test.each(Object.keys(changed))(
    'is changed by another, where %s refuses after it was done',
    async (doesAllTheSame) => {
      const { words } = await said({ doesAllTheSame });
      expect(words).toEqual([expect.stringMatching(/^changes: after another tenant was refused, .* had changed/)]);
    },
  );

  test('is left as it was by a refusal that is not told, where the contract names none', async () => {
    for (const silent of ['aiPersonalities.update', 'endUsers.block'])
      expect((await said({ silent })).words).toEqual([]);
    expect((await said({ silent: 'widgets.update' })).words).toEqual([expect.stringMatching(/^changes: .*could do/)]);
  });

  test('that a deployment does not have is left out, and nothing at all is no evidence', async () => {
    expect(await said({ without: ['aiPersonalities', 'surveys'] })).toEqual({
      marks: belongings.length - 2,
      words: [],
    });
    const without = ['widgets', 'apiKeys', 'aiPersonalities', 'endUsers', 'escalations', 'surveys'];
    const { marks, words } = await said({ without });
    expect(marks).toBe(0);
    expect(words).toEqual([expect.stringMatching(/^needs .* that can be made/)]);
  });

  test('that may not be asked for so often has not been kept apart', async () => {
    const { words } = await said({ limited: 'widgets.update' });
    expect(words).toEqual([expect.stringMatching(/^needs limits/)]);
  });
});
