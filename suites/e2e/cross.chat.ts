import { ask, simpleQuestion } from '../../platform/assistant.ts';
import type { Ear } from '../../platform/conversation.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { failedToAsk } from './questions.ts';
import { lostAfterMs, openPlace, type Place, seat, withHttp } from './room.ts';

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'answer-heard');
    if (place === null) return;
    const { host, guest, sessionId, urls } = place;
    const listener = await seat(context, 'answer-heard', {
      name: 'somebody in the room',
      account: guest,
      url: urls[0]!,
      sessionId,
    });
    if (listener === null) return;
    const said = `${context.scope} ${crypto.randomUUID()} said in the room`;
    listener.ear.say(said, crypto.randomUUID());
    await listener.ear.hears(said, lostAfterMs(context));
    const answer = await ask(host, sessionId, simpleQuestion(crypto.randomUUID()));
    if (!answer.ok) return failedToAsk(context, 'answer-heard', answer);
    await isHeard(context, listener.ear, answer.asked, 'question');
    await isHeard(context, listener.ear, answer.text, 'answer');
    await isOne(context, place, [said, answer.asked, answer.text]);
  });
export default body;

async function isHeard(context: BodyContext, ear: Ear, content: string, what: string): Promise<void> {
  const withinMs = lostAfterMs(context);
  const heard = await ear.hears(content, withinMs);
  const observed = heard ? `the ${what} came as a message of the room` : 'nothing';
  if (heard) context.holds('answer-heard', { observed });
  else
    context.breaks(
      'answer-heard',
      `after a question to the AI was answered, somebody in the room did not get the ${what} within ${withinMs / 1000} s`,
      { observed },
    );
}

/** Whoever opens the session later reads all of it, in the order it was said. */
async function isOne(context: BodyContext, { guest, sessionId }: Place, contents: readonly string[]): Promise<void> {
  const reply = await guest.client.query('sessions.listMessages', { sessionId });
  const wrong = whyNoData(reply);
  if (wrong !== null) return context.breaks('one-conversation', `sessions.listMessages: ${wrong}`);
  const data = dataOf(reply);
  const messages = isRecord(data) && Array.isArray(data.messages) ? data.messages.filter(isRecord) : [];
  const places = contents.map((content) => messages.findIndex((one) => one.content === content));
  const missing = places.filter((place) => place < 0).length;
  const seen = {
    expected: 'the message, the question and the answer',
    observed: `${contents.length - missing} of ${contents.length}`,
  };
  if (missing > 0)
    context.breaks('one-conversation', `${missing} of what was said in one session does not stand in its list`, seen);
  else if (places[0]! > places[1]!)
    context.breaks('one-conversation', 'what was said first stands after what was said later', seen);
  else context.holds('one-conversation', seen);
}
