import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { raisePlan, useAccount } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { paced } from '../../probes/pace.ts';
import { worth } from '../../probes/worth.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { freshText, search, type Text, upload } from './library.ts';
import { lostAfterMs, notStarted, withHttp } from './room.ts';

/** Ten a second: whether many searches at once are quick is a question of load. */
const probes = { count: 400, everyMs: 100, withinMs: 40_000 };
const enough = { asked: 180, worth: 165, slowMs: 125 };

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const use = await useAccount(context, http);
    if (use.kind !== 'account') return void notStarted(context, 'found', use);
    const { account } = use;
    await raisePlan(context, [account]);
    const text = freshText(context);
    const made = await upload(context, account, text);
    if (!made.ok) return context.breaks('found', made.because);
    if (!(await isFound(context, account, text, made.id))) return;
    await timeMany(context, account, text, made.id);
    await isGone(context, account, text, made.id);
  });
export default body;

/** A deployment may take a moment to index; a user waits that long and no longer. */
async function isFound(context: BodyContext, account: Account, text: Text, id: string): Promise<boolean> {
  const startMs = context.now();
  const withinMs = lostAfterMs(context);
  let found: readonly string[] | string = [];
  while (context.now() - startMs < withinMs && !context.signal.aborted) {
    found = await search(account, text.content);
    if (found.includes(id)) break;
    await sleep(250);
  }
  const observed = `after ${(context.now() - startMs).toFixed(0)} ms`;
  if (typeof found === 'string') context.breaks('found', found, { startMs });
  else if (found.includes(id)) context.holds('found', { startMs, observed });
  else
    context.breaks(
      'found',
      `after a document was uploaded a search for its words did not find it within ${withinMs / 1000} s`,
      { startMs },
    );
  return typeof found !== 'string' && found.includes(id);
}

async function timeMany(context: BodyContext, { client }: Account, text: Text, id: string): Promise<void> {
  const timings: number[] = [];
  const counts = { wrong: 0, limited: false };
  const overdue = await paced({ ...probes, signal: context.signal, now: () => context.now() }, async (dueMs) => {
    const reply = await client.query('knowledge.search', { query: text.content, limit: 5 });
    const { startMs, tookMs } = reply.answer;
    counts.limited ||= reply.status === 429;
    if (counts.limited) return 'stop';
    const wrong =
      whyNoData(reply) ??
      (JSON.stringify(reply.ok ? reply.outcome : '').includes(id) ? null : 'did not find the document again');
    if (wrong === null) context.took('T-search', { dueMs, startMs, tookMs });
    else context.breaks('T-search', `knowledge.search: ${wrong}`, { startMs, tookMs });
    if (wrong === null) timings.push(startMs - dueMs + tookMs);
    else counts.wrong++;
    return isEnough(timings) || (counts.wrong >= 5 && timings.length === 0) ? 'stop' : 'on';
  });
  if (counts.limited)
    context.note('fewer searches', `the plan of the tenant allowed ${timings.length}; database.serviceUrl raises it`);
  for (const dueMs of overdue)
    context.breaks('T-search', 'was due and could not be sent, because too many before it were not answered', {
      startMs: dueMs,
    });
}

const isEnough = (timings: readonly number[]): boolean =>
  timings.length >= enough.asked && timings.length % 20 === 0 && worth(timings, enough.slowMs) >= enough.worth;

async function isGone(context: BodyContext, account: Account, text: Text, id: string): Promise<void> {
  const startMs = context.now();
  const wrong = whyNoData(await account.client.mutation('knowledge.delete', { id }));
  if (wrong !== null) return context.breaks('gone', `knowledge.delete: ${wrong}`);
  const withinMs = lostAfterMs(context);
  for (;;) {
    const found = await search(account, text.content);
    if (typeof found !== 'string' && !found.includes(id)) return context.holds('gone', { startMs });
    if (context.now() - startMs >= withinMs || context.signal.aborted)
      return context.breaks(
        'gone',
        typeof found === 'string' ? found : `a document that was deleted is still found after ${withinMs / 1000} s`,
        { startMs },
      );
    await sleep(250);
  }
}
