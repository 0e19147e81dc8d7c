import { describe, expect, test } from 'vitest';
import { Ear, type Received, type ResumeField } from '../../platform/conversation.ts';
import type { Visit } from '../../probes/http.ts';
import type { Frame, Socket } from '../../probes/socket.ts';
import { askForRest } from '../../suites/e2e/long-away.ts';
import { askAgain, type Resuming, seenAgain, timesOf } from '../../suites/e2e/resuming.ts';

type Asked = Readonly<Record<string, unknown>> | 'entered';

/** A room that answers a wish for a replay as `answer` says; what it was asked stands in `asked`. */
function room(answer: (asked: Asked) => unknown): { readonly ear: Ear; readonly asked: Asked[] } {
  const frames: Frame[] = [];
  const asked: Asked[] = [];
  const tell = (value: unknown): void => {
    if (value !== undefined) frames.push({ data: Buffer.from(JSON.stringify(value)), binary: false, atMs: 0 });
  };
  const take = (one: Asked): void => {
    asked.push(one);
    tell(answer(one));
  };
  const socket = {
    frames,
    hear: async () => ({ kind: 'frame', frame: frames[0] }),
    send: (text: string) => take((JSON.parse(text) as { payload: Asked }).payload),
  } as unknown as Socket;
  tell({ type: 'ack', payload: { connected: true } });
  take('entered');
  const visit = { now: () => performance.now(), signal: new AbortController().signal } as unknown as Visit;
  return { ear: new Ear(visit, socket), asked };
}

const wish = { after: 'm1', missed: ['missed'], seen: new Set(['seen']) };
const fresh = (): Resuming => ({ by: null, tried: false });
const message = (content: string) => ({ messageId: `id of ${content}`, userId: 'u', content, timestamp: 1 });
const holders: Readonly<Record<string, (content: string[]) => unknown>> = {
  'a bare list': (contents) => contents.map(message),
  messages: (contents) => ({ messages: contents.map(message) }),
  history: (contents) => ({ history: contents.map(message) }),
  items: (contents) => ({ items: contents.map(message) }),
};

describe('a replay', () => {
  test.each(Object.entries(holders))('is read from %s', async (_, hold) => {
    const { ear } = room((asked) =>
      asked === 'entered' ? { type: 'chat_history', payload: hold(['missed']) } : undefined,
    );
    expect(await askAgain(ear, wish, fresh())).toBe(1);
    expect(ear.messages).toMatchObject([{ content: 'missed', id: 'id of missed', replay: 1 }]);
  });

  test.each<ResumeField>(['after', 'afterId', 'lastMessageId', 'since'])(
    'is asked for by %s where that is what the deployment reads, and by nothing else from then on',
    async (field) => {
      const answer = (asked: Asked) =>
        asked !== 'entered' && asked[field] === 'm1'
          ? { type: 'chat_history', payload: [message('missed')] }
          : undefined;
      const resuming = fresh();
      const first = room(answer);
      await askAgain(first.ear, wish, resuming);
      expect(first.asked.at(-1)).toEqual({ [field]: 'm1' });
      expect(resuming).toEqual({ by: field, tried: false });
      const second = room(answer);
      expect(await askAgain(second.ear, wish, resuming)).toBe(2);
      expect(second.asked).toEqual(['entered', { [field]: 'm1' }]);
    },
    20_000,
  );

  test('of everything is no answer, so that the deployment is asked by another field', async () => {
    const all = { type: 'chat_history', payload: [message('seen'), message('missed')] };
    const rest = { type: 'chat_history', payload: [message('missed')] };
    const { ear } = room((asked) => (asked !== 'entered' && 'since' in asked ? rest : all));
    const asked = await askAgain(ear, wish, fresh());
    expect(asked).toBe(5);
    expect(seenAgain(ear.messages, wish.seen)).toBe(0);
    expect(timesOf(ear.messages, 'missed', asked)).toBe(1);
  }, 20_000);

  test('of nothing is no answer either', async () => {
    const { ear, asked } = room((one) => ({
      type: 'chat_history',
      payload: one !== 'entered' && 'afterId' in one ? [message('missed')] : [],
    }));
    await askAgain(ear, wish, fresh());
    expect(asked.at(-1)).toEqual({ afterId: 'm1' });
    expect(ear.messages).toHaveLength(1);
  }, 20_000);

  test('that never comes is asked for by every field', async () => {
    const { ear, asked } = room(() => undefined);
    await askAgain(ear, wish, fresh());
    expect(asked).toHaveLength(5);
  }, 20_000);
});

const heard = (...all: [content: string, replay: number | null][]): Received[] =>
  all.map(([content, replay]) => ({ id: '', userId: '', content, replay, atMs: 0 }));

describe('what came twice', () => {
  test.each([
    { of: 'a replay and by itself', messages: heard(['m', 1], ['m', null]), asked: 1, times: 2 },
    { of: 'one replay', messages: heard(['m', 1], ['m', 1]), asked: 2, times: 2 },
    { of: 'two replays that were asked for', messages: heard(['m', 1], ['m', 2]), asked: 2, times: 1 },
    { of: 'two answers without a replay', messages: heard(['m', null], ['m', null]), asked: 2, times: 1 },
    { of: 'itself, asked for once', messages: heard(['m', null], ['m', null]), asked: 1, times: 2 },
  ])('is $times of $of', ({ messages, asked, times }) => {
    expect(timesOf(messages, 'm', asked)).toBe(times);
  });

  test('is what was seen before the cut', () => {
    const seen = new Set(['seen']);
    expect(seenAgain(heard(['seen', 1], ['m', 1]), seen)).toBe(1);
    expect(seenAgain(heard(['seen', null], ['m', 1]), seen)).toBe(1);
    expect(seenAgain(heard(['m', 1]), seen)).toBe(0);
  });
});

describe('forty messages that were missed', () => {
  const all = Array.from({ length: 40 }, (_, i) => `missed ${i + 1}`);
  const named = (content: string) => `id of ${content}`;
  const resuming = (): Resuming => ({ by: 'after', tried: false });
  const history = (contents: readonly string[]) => ({ type: 'chat_history', payload: contents.map(message) });

  test('are asked for to their end where a replay comes in pages', async () => {
    const pageAfter = (id: unknown) => history(all.slice(all.findIndex((one) => named(one) === id) + 1).slice(0, 15));
    const { ear, asked } = room((one) => pageAfter(one === 'entered' ? 'm1' : one.after));
    expect(await askForRest(ear, all, resuming())).toBe(2);
    expect(asked.slice(1)).toEqual([{ after: named('missed 15') }, { after: named('missed 30') }]);
    expect(ear.messages.map(({ content }) => content)).toEqual(all);
  }, 20_000);

  test.each([
    { of: 'all of them at once', came: all },
    { of: 'the last ten alone', came: all.slice(-10) },
    { of: 'none', came: [] },
  ])('are not asked for again where a replay holds $of', async ({ came }) => {
    const { ear, asked } = room((one) => (one === 'entered' ? history(came) : undefined));
    expect(await askForRest(ear, all, resuming())).toBe(0);
    expect(asked).toEqual(['entered']);
  });

  test('are given up where the rest of them never comes', async () => {
    const { ear, asked } = room((one) => (one === 'entered' ? history(all.slice(0, 15)) : undefined));
    expect(await askForRest(ear, all, resuming())).toBe(1);
    expect(asked).toHaveLength(2);
  }, 20_000);
});
