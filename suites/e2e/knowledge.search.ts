import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { raisePlan, useAccount } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { paced } from '../../probes/pace.ts';
import { worth } from '../../probes/worth.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { freshText, search, type Text, unrelatedTexts, upload } from './library.ts';
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
    const target = freshText(context);
    const others = unrelatedTexts(context);
    // Among the others and neither first nor last: an order by age must not look like one by likeness.
    const documents = await uploadAll(context, account, [...others.slice(0, 3), target, ...others.slice(3)]);
    const [other] = documents ?? [];
    const sought = documents?.[3];
    if (other === undefined || sought === undefined) return;
    if (!(await isFirst(context, account, sought))) return;
    if (!(await isFirst(context, account, other))) return;
    // Before the many, which may use up what the plan of the tenant allows.
    await isGone(context, account, other);
    await timeMany(context, account, sought);
  });
export default body;

interface Stored extends Text {
  readonly id: string;
}

/** Null: said why not. */
async function uploadAll(
  context: BodyContext,
  account: Account,
  texts: readonly Text[],
): Promise<readonly Stored[] | null> {
  const stored: Stored[] = [];
  for (const text of texts) {
    const made = await upload(context, account, text);
    if (made.ok) stored.push({ ...text, id: made.id });
    else if (isLimit(made.because)) context.unmet(`${allowance} (${made.because})`);
    else context.breaks('found', made.because);
    if (!made.ok) return null;
  }
  return stored;
}

const allowance = 'a plan of the tenant that lets this check search (database.serviceUrl raises it)';
const isLimit = (because: string): boolean => /\b429\b/.test(because);

/**
 * Of all there is, whatever its likeness, the text with these very words must come first. A deployment may take a moment to
 * index; a user waits that long and no longer.
 */
async function isFirst(context: BodyContext, account: Account, { id, content }: Stored): Promise<boolean> {
  const startMs = context.now();
  const withinMs = lostAfterMs(context);
  let found: readonly string[] | string = [];
  while (context.now() - startMs < withinMs && !context.signal.aborted) {
    found = await search(account, content, { limit: 1, minScore: 0.01 });
    if (found.includes(id) || (typeof found === 'string' && isLimit(found))) break;
    await sleep(250);
  }
  const observed = `after ${(context.now() - startMs).toFixed(0)} ms`;
  if (typeof found !== 'string' && found.includes(id)) context.holds('found', { startMs, observed });
  else if (typeof found !== 'string') context.breaks('found', whyNotFirst(found, withinMs), { startMs });
  else if (isLimit(found)) context.unmet(`${allowance} (${found})`);
  else context.breaks('found', found, { startMs });
  return typeof found !== 'string' && found.includes(id);
}

function whyNotFirst(found: readonly string[], withinMs: number): string {
  const instead = found.length > 0 ? 'found another document first' : 'did not find it';
  return `after a document was uploaded a search for its very words ${instead} within ${withinMs / 1000} s`;
}

/** Each asks for other words, as an answer to the same ones may be kept. */
async function timeMany(context: BodyContext, { client }: Account, { id, content }: Stored): Promise<void> {
  const timings: number[] = [];
  const counts = { asked: 0, wrong: 0, limited: false };
  const overdue = await paced({ ...probes, signal: context.signal, now: () => context.now() }, async (dueMs) => {
    const reply = await client.query('knowledge.search', {
      query: `${content} ${counts.asked++}`,
      limit: 5,
    });
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

async function isGone(context: BodyContext, account: Account, { id, content }: Stored): Promise<void> {
  const startMs = context.now();
  const wrong = whyNoData(await account.client.mutation('knowledge.delete', { id }));
  if (wrong !== null) return context.breaks('gone', `knowledge.delete: ${wrong}`);
  const withinMs = lostAfterMs(context);
  for (;;) {
    // As widely as it was found before, or it would be gone for being less like it.
    const found = await search(account, content, { limit: 5, minScore: 0.01 });
    if (typeof found !== 'string' && !found.includes(id)) return context.holds('gone', { startMs });
    if (typeof found === 'string' && isLimit(found)) return context.unmet(`${allowance} (${found})`, 'gone');
    if (context.now() - startMs >= withinMs || context.signal.aborted)
      return context.breaks(
        'gone',
        typeof found === 'string' ? found : `a document that was deleted is still found after ${withinMs / 1000} s`,
        { startMs },
      );
    await sleep(250);
  }
}
