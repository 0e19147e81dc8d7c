import { randomUUID } from 'node:crypto';
import type { Account } from '../../platform/accounts.ts';
import { sit } from '../../platform/conversation.ts';
import { makeSession } from '../../platform/people.ts';
import type { BodyContext } from '../../runners/body.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { withHttp } from './room.ts';
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
    own.ear.socket.close();
    const other = await sit(context, { url, sessionId, token: stranger.session.token });
    if (!other.ok) {
      context.holds('rooms', { expected: 'turned away', observed: `${url}: ${other.because}` });
      continue;
    }
    other.ear.socket.close();
    context.breaks('rooms', `${url}: somebody of another tenant was let into the room of a session`, {
      expected: 'turned away',
    });
  }
}
