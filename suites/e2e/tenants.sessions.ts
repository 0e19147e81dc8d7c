import { randomUUID } from 'node:crypto';
import type { Account } from '../../platform/accounts.ts';
import { Ear, sit } from '../../platform/conversation.ts';
import { makeSession } from '../../platform/people.ts';
import { knock } from '../../platform/realtime.ts';
import { endingInWords, type Heard } from '../../probes/socket.ts';
import type { BodyContext } from '../../runners/body.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { say, withHttp } from './room.ts';
import { sideBySide } from './side-by-side.ts';
import { attempt, everyPage, type Kept, mustNotDo, mustStay, useNeighbours } from './tenants.ts';

const body: JourneyBody = (context) =>
  withHttp(context, async (http) => {
    const both = await useNeighbours(context, http, 'listed');
    if (both === null) return;
    const { owner, stranger } = both;
    const session = await makeSession(owner);
    if (!session.ok) return context.breaks('listed', session.because);
    const { id } = session;
    const mark = `${context.scope} ${randomUUID()}`;
    await owner.client.mutation('sessions.sendMessage', { sessionId: id, role: 'assistant', content: mark });
    const look = (assertion: string, what: string, procedure: string, input: object) =>
      attempt(context, both, {
        what,
        assertion,
        hidden: [id, mark],
        ask: ({ client }) => client.query(procedure, input),
      });
    const list = (what: string, input: object) =>
      attempt(context, both, {
        what,
        assertion: 'listed',
        hidden: [id, mark],
        ask: ({ client }) => everyPage(client, 'sessions.list', 'sessions', input),
      });
    await list('listing sessions', {});
    await list('listing sessions, ended ones too', { includeEnded: true });
    await look('opened', 'opening a session by its id', 'sessions.get', { id });
    await look('opened', 'reading its messages', 'sessions.listMessages', { sessionId: id });
    const change = (what: string, procedure: string, input: object) =>
      mustNotDo(context, stranger, {
        what,
        assertion: 'changed',
        ask: ({ client }) => client.mutation(procedure, input),
      });
    const vain = `in vain ${context.scope} ${randomUUID()}`;
    await mustStay(context, owner, keptOf(id, vain), async () => {
      await change('writing into a session', 'sessions.sendMessage', {
        sessionId: id,
        role: 'assistant',
        content: vain,
      });
      await change('asking the AI in a session', 'chat.sendMessage', { sessionId: id, content: vain });
      await change('ending a session', 'sessions.end', { id });
      await change('deleting a session', 'sessions.delete', { id });
    });
    await look('opened', 'opening it after the attempts', 'sessions.get', { id });
    await knockAtRoom(context, stranger, owner, id);
    const other = await makeSession(stranger);
    if (!other.ok) return context.breaks('in-browsers', other.because);
    await sideBySide(context, both, {
      owner: { 'the id of a conversation': id, 'what was said in it': mark },
      stranger: { 'the id of a conversation': other.id },
    });
  });
export default body;

/** What a stranger must not have changed of a session: that it goes on, and that nothing of theirs stands in it. */
function keptOf(id: string, vain: string): readonly Kept[] {
  return [
    {
      what: 'the session',
      assertion: 'changed',
      ask: ({ client }) => client.query('sessions.get', { id }),
      of: ({ endedAt }) => ({ 'the end': endedAt ?? null }),
    },
    {
      what: 'the conversation',
      assertion: 'changed',
      ask: ({ client }) => client.query('sessions.listMessages', { sessionId: id, limit: 100 }),
      of: (data) => ({ 'the messages': JSON.stringify(data).includes(vain) }),
    },
  ];
}

/** The room of a session opens to its own tenant; where it does, it must not to another. */
async function knockAtRoom(context: BodyContext, stranger: Account, owner: Account, sessionId: string): Promise<void> {
  for (const url of context.environment.realtime?.urls ?? []) {
    const own = await sit(context, { url, sessionId, token: owner.session.token });
    if (!own.ok) {
      context.breaks('rooms', `${url}: the session's own tenant could not enter its room: it ${own.because}`);
      continue;
    }
    const foreign = new Ear(context, knock(context, { url, sessionId, token: stranger.session.token }));
    for (const { socket } of [own.ear, foreign]) context.cleanup(async () => socket.close());
    await turnedAway(context, url, own.ear, foreign);
    for (const { socket } of [own.ear, foreign]) socket.close();
  }
}

/** Who was turned away is told so at once; a close frame may follow an error. */
const closedWithinMs = 1_000;

/** Only an end says that somebody was turned away. Whoever is told something else, or nothing, may still be in the room. */
async function turnedAway(context: BodyContext, url: string, own: Ear, foreign: Ear): Promise<void> {
  const expected = 'turned away with a close frame';
  const told = await foreign.socket.hear(() => true, context.environment.timeoutMs);
  const end = isEnd(told) ? told : await foreign.socket.end(closedWithinMs);
  const breaks = (because: string) => context.breaks('rooms', `${url}: ${because}`, { expected });
  if (end.kind === 'failed') return breaks(`a stranger's knock came to nothing: ${end.because}`);
  const leaked = await talk(context, own, foreign);
  if (leaked !== null) return breaks(leaked);
  if (isEnd(end)) context.holds('rooms', { expected, observed: `${url}: ${endingInWords(end)}` });
  else
    breaks(
      `somebody of another tenant was not turned away from the room of a session, but answered by ${endingInWords(told)}`,
    );
}

const isEnd = ({ kind }: Heard): boolean => kind === 'closed' || kind === 'refused' || kind === 'failed';

/** What came over between the tenants when both spoke in the room; null: nothing. */
async function talk(context: BodyContext, own: Ear, foreign: Ear): Promise<string | null> {
  const mark = `${context.scope} ${randomUUID()}`;
  await say(context, { ear: own }, `${mark} inside`);
  foreign.say(`${mark} outside`, randomUUID());
  if (!(await own.hears(`${mark} inside`, context.environment.timeoutMs)))
    return "the session's own tenant did not hear what it said in its room";
  await foreign.until(() => foreign.messages.length > 0, closedWithinMs);
  if (foreign.messages.length > 0) return 'somebody of another tenant got what was said in the room of a session';
  const wrote = own.messages.some(({ content }) => content === `${mark} outside`);
  return wrote ? 'what somebody of another tenant said came into the room of a session' : null;
}
