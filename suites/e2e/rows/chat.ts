import type { Rows } from './row.ts';

const chat = ['api', 'realtime', 'accounts'] as const;

export const chatRows: Rows = {
  'chat.realtime': {
    claim: 'Two people exchange messages',
    assertions: { delivered: {}, named: {}, acknowledged: {}, private: {} },
    needs: chat,
    source: 'R P',
    how: 'At every realtime address two users of one tenant sit in one chat session and write to each other: each message names itself and who said it; further sockets sit in another session, there and at the next address, and must hear nothing.',
    timeoutMs: 60_000,
    writes: true,
  },
  'chat.order': {
    claim: 'Messages keep their order; none is lost or doubled',
    assertions: { 'none-lost': {}, 'none-doubled': {}, 'in-order': {} },
    needs: chat,
    source: 'R P',
    how: 'Two users at the first and the last realtime address send 500 marked messages each, 40 a second, and then 100 more, five at once; what each of them got is compared with what was sent.',
    timeoutMs: 90_000,
    writes: true,
  },
  'chat.reconnect': {
    claim: 'After a drop the chat is back within the target and nothing is lost',
    assertions: {
      'T-ws-reconnect': { target: 'T-ws-reconnect' },
      'nothing-lost': { atLeast: 20 },
      'none-doubled': {},
      'long-away': {},
    },
    needs: chat,
    source: 'R P',
    how: 'A connection is cut 20 times without a word while the other person goes on writing; it comes back at the next realtime address and asks for what came after the last message it saw: that alone must come, once, and both hear each other again. Timed from the cut to the first message missed. Beside that somebody is away for 10 s, untimed, and gets the 40 messages of that time.',
    timeoutMs: 90_000,
    writes: true,
  },
  'chat.instances': {
    claim: 'Messages cross from one realtime instance to another',
    assertions: { across: { atLeast: 20 } },
    needs: chat,
    source: 'R P',
    how: 'Two users are seated at instances that name themselves differently in their first ack; ten messages go each way.',
    timeoutMs: 60_000,
    writes: true,
  },
  'chat.durable': {
    claim: 'What was acknowledged is stored exactly once; what was refused left nothing behind',
    assertions: {
      'stored-once': {},
      'answers-stored-once': { atLeast: 4 },
      'refused-left-nothing': {},
      'failed-left-nothing': { needs: ['models'] },
      listed: {},
    },
    needs: [...chat, 'database.serviceUrl'],
    source: 'ASVS',
    how: 'The acks of 200 marked messages and four answers of the AI are held against the rows of the database and the count of the API; then a provider that fails, a foreign tenant and the owner of an ended session write in vain.',
    timeoutMs: 60_000,
    writes: true,
  },
};
