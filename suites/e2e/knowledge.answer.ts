import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { type Asked, ask } from '../../platform/assistant.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, tenantOf } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { freshText, upload } from './library.ts';
import { type Asker, failedToAsk, useAsker } from './questions.ts';
import { isLimit, lostAfterMs, withHttp } from './room.ts';

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const asker = await useAsker(context, http, 'cites');
    if (asker === null) return;
    const [text, other] = [
      freshText(context),
      { ...freshText(context), content: 'The cafeteria serves soup on Tuesdays and fish on Fridays.' },
    ];
    const made = await upload(context, asker.account, text);
    if (!made.ok) return context.breaks('cites', made.because);
    const beside = await upload(context, asker.account, other);
    if (!beside.ok) return context.breaks('cites', beside.because);
    const answer = await untilCited(
      context,
      asker,
      made.id,
      `What is the night code of the north gate? Is it ${text.mark}?`,
    );
    if (!answer.ok) return failedToAsk(context, 'cites', answer);
    const seen = {
      startMs: answer.startMs,
      expected: `document ${made.id} among the sources`,
      observed: sourcesOf(answer.sources),
    };
    if (answer.sources.includes(made.id)) context.holds('cites', seen);
    else context.breaks('cites', 'an answer to a question about a document does not name it among its sources', seen);
    const others = answer.sources.filter((source) => source !== made.id && source !== beside.id);
    await areItsOwn(context, asker.account, answer.sources, others);
  });
export default body;

/** A tenant may have had documents before: what it can open is its own, and only what it cannot is foreign or invented. */
async function areItsOwn(
  context: BodyContext,
  account: Account,
  sources: readonly string[],
  others: readonly string[],
): Promise<void> {
  const tenantId = await tenantOf(account);
  const wrong: string[] = [];
  for (const id of others.slice(0, mostLookedAt)) {
    const reply = await account.client.query('knowledge.get', { id });
    const document = dataOf(reply);
    const why = whyNoData(reply);
    if (why !== null && isLimit(why))
      return context.unmet(`a plan of the tenant that lets this check ask (${why})`, 'own-sources');
    const owner = isRecord(document) ? document.tenantId : undefined;
    const foreign = typeof owner === 'string' && tenantId !== null && owner !== tenantId;
    if (why !== null || !isRecord(document) || foreign) wrong.push(id);
  }
  if (wrong.length === 0) return context.holds('own-sources', { observed: sourcesOf(sources) });
  context.breaks('own-sources', `an answer names ${wrong.length} sources that are no documents of its tenant`, {
    observed: sourcesOf(wrong),
  });
}

/** An answer rests on a handful. */
const mostLookedAt = 50;

/** Asks again until the deployment has had the time to index. */
async function untilCited(context: BodyContext, asker: Asker, id: string, question: string): Promise<Asked> {
  const end = context.now() + lostAfterMs(context);
  for (;;) {
    const answer = await ask(asker.account, asker.sessionId, question);
    if (!answer.ok || answer.sources.includes(id) || context.now() >= end || context.signal.aborted) return answer;
    await sleep(1_000);
  }
}

const sourcesOf = (sources: readonly string[]): string => (sources.length === 0 ? 'no sources' : sources.join(', '));
