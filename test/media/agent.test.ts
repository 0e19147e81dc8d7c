import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { Answer } from '../../platform/agent.ts';
import { keptTickets } from '../../platform/guests.ts';
import { claimsOf, type Issued, mint, roomOf } from '../../platform/meetings.ts';
import { earFor } from '../../probes/media/process/senses.ts';
import type { Happening } from '../../probes/media/protocol.ts';

const question = 'What can you tell me about order 1a2b3c?';
const wrote = (atMs: number, text: string | object, topic = 'agent.chat'): Happening => ({
  who: 'guest',
  what: 'data',
  from: 'agent-1',
  atMs,
  topic,
  text: typeof text === 'string' ? text : JSON.stringify(text),
});
const piece = (content: string, isFinal?: boolean) => ({ type: 'agent_message', content, is_final: isFinal });

describe('an answer in writing', () => {
  test.each<[string, readonly Happening[], string | null]>([
    ['what the agent wrote before it was asked is none', [wrote(99, piece('Hello', true))], null],
    ['one message after the question', [wrote(101, piece('It is on its way.', true))], 'It is on its way.'],
    ['a message that does not speak of pieces', [wrote(101, piece('It is on its way.'))], 'It is on its way.'],
    ['plain text', [wrote(101, ' It is on its way. ')], 'It is on its way.'],
    ['a piece that is not the last is none yet', [wrote(101, piece('It is', false))], null],
    [
      'pieces and an end without words',
      [wrote(101, piece('It is on', false)), wrote(102, piece('its way.', false)), wrote(103, piece('', true))],
      'It is on its way.',
    ],
    [
      'pieces and the whole at the end',
      [wrote(101, piece('It is', false)), wrote(102, piece('It is on its way.', true))],
      'It is on its way.',
    ],
    ['an end without words', [wrote(101, piece('', true))], null],
    ['another message than words', [wrote(101, { type: 'agent_state', content: 'thinking' })], null],
    ['our own words in a transcript', [wrote(101, question, 'lk.transcription')], null],
    ['an echo on its own topic, which the contract allows', [wrote(101, piece(question, true))], question],
  ])('%s', (_, happenings, expected) => {
    const answer = new Answer(question, 100);
    const ends = happenings.map((happening) => answer.endsWith(happening));
    expect(ends.at(-1) ? answer.words : null).toBe(expected);
    expect(ends.slice(0, -1)).not.toContain(true);
  });
});

describe('sound', () => {
  test('begins once and ends once a longer pause than those of speech is over, or with the track', () => {
    const told: unknown[] = [];
    const ear = earFor('agent-1', ({ what }, atMs) => told.push([what, atMs]));
    const [loud, still] = [Int16Array.of(9_000), Int16Array.of(0)];
    for (let atMs = 0; atMs < 2_000; atMs += 10) {
      // Two syllables with a pause between them, silence, and a third.
      const sounds = (atMs >= 100 && atMs < 200) || (atMs >= 400 && atMs < 500) || atMs >= 1_900;
      ear.hear(sounds ? loud : still, atMs);
    }
    ear.end();
    expect(told).toEqual([
      ['sound', 100],
      ['quiet', 490],
      ['sound', 1_900],
      ['quiet', 1_990],
    ]);
  });
});

describe('a ticket', () => {
  test('that we make has the name of room and the claims that the agent reads', async () => {
    const room = roomOf('8b0c', 'sd-1-meeting');
    const token = await mint(
      { key: 'key', secret: 'secret' },
      { room, identity: 'u-1', userName: 'Ada', role: 'host' },
    );
    const { metadata, sub, name, video } = decodeJwt(token);
    expect(room.split('_')).toEqual(['tenant', '8b0c', 'sd-1-meeting']);
    expect(JSON.parse(String(metadata))).toEqual({ userName: 'Ada', role: 'host' });
    expect({ sub, name, video }).toMatchObject({
      sub: 'u-1',
      name: 'Ada',
      video: { room, canUpdateOwnMetadata: true },
    });
    expect(claimsOf(token).room).toBe(room);
    expect(claimsOf('no token')).toEqual({ room: null, untilMs: null });
  });

  test('is asked for once a person, and anew a minute before it ends', async () => {
    let asked = 0;
    const endsAtMs = 3_600_000;
    const tickets = keptTickets(
      async (person): Promise<Issued> => {
        asked++;
        const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(endsAtMs / 1_000);
        return { kind: 'ticket', room: `of ${person}`, token: await token.sign(new Uint8Array(32)) };
      },
      () => nowMs,
    );
    let nowMs = 0;
    for (let i = 0; i < 260; i++) await tickets(i % 2);
    expect(asked).toBe(2);
    nowMs = endsAtMs - 60_001;
    await tickets(0);
    expect(asked).toBe(2);
    nowMs = endsAtMs - 60_000;
    await tickets(0);
    expect(asked).toBe(3);
  });

  test('that was refused is asked for again', async () => {
    const answers: Issued[] = [
      { kind: 'failed', because: 'busy' },
      { kind: 'ticket', room: 'a', token: 'x' },
    ];
    const tickets = keptTickets(() => Promise.resolve(answers.shift()!));
    expect([await tickets(0), await tickets(0)].map(({ kind }) => kind)).toEqual(['failed', 'ticket']);
  });
});
