import type { Rows } from './row.ts';

const chat = ['api', 'realtime', 'accounts'] as const;

/** What happens when the assistant alone is not enough, and afterwards. */
export const serviceRows: Rows = {
  'survey.fallback': {
    claim: 'A survey is delivered, and each way is used when the one before fails',
    assertions: { offered: {}, answered: {}, call: {}, 'text-message': {}, mail: {}, stops: {} },
    needs: ['api', 'accounts', 'surveys', 'outbox'],
    source: 'R',
    how: 'Customers without a session are offered surveys. One that nobody answers must go on to a call, a text message and a mail, once each, each after its delay and none before, read in the outbox, with a link of its own behind which a browser without a session finds something to answer, and not what every address of that site shows; one that was answered must not, nor one that was refused.',
    timeoutMs: 300_000,
    writes: true,
  },
  'escalation.handoff': {
    claim: 'An escalated problem reaches a human agent, and the customer sees the reply',
    assertions: { notified: {}, seen: {}, taken: {}, replied: {}, resolved: {} },
    needs: chat,
    source: 'R',
    how: 'A customer in a chat asks for a person; another user of the tenant is told, sees it as pending, as well as that of a customer without a session, takes it and replies, which the customer’s socket must get; resolved, it is told as resolved. Told is an event of `escalations.watch` or a frame on the agent’s socket; where there is no such stream, an entry of the streams of tenant and agent in Redis.',
    timeoutMs: 90_000,
    writes: true,
  },
  'cross.chat': {
    claim: 'Real-time chat and AI chat of one session are one conversation',
    assertions: { 'answer-heard': { atLeast: 2 }, 'one-conversation': {} },
    needs: chat,
    source: 'P',
    how: 'Somebody sits in the room of a session; a message is said there and a question put to the AI: both sides of the answer must reach the room, and all three stand in the session’s list.',
    timeoutMs: 60_000,
    writes: true,
  },
};
