import { describe, expect, test } from 'vitest';
import { Ear } from '../../platform/conversation.ts';
import type { Frame, Socket } from '../../probes/socket.ts';
import type { BodyContext } from '../../runners/body.ts';
import { say } from '../../suites/e2e/room.ts';

const context = { now: () => performance.now(), signal: new AbortController().signal } as unknown as BodyContext;

/** A server that refuses so many messages before it takes one. */
function server(refusals: number): {
  readonly ear: Ear;
  readonly sent: { readonly id: string; readonly atMs: number }[];
} {
  const frames: Frame[] = [];
  const sent: { id: string; atMs: number }[] = [];
  const send = (text: string): void => {
    const { messageId } = JSON.parse(text) as { messageId: string };
    sent.push({ id: messageId, atMs: performance.now() });
    const refused = sent.length <= refusals;
    const answer = refused
      ? { type: 'error', payload: { error: `Rate limit exceeded (${sent.length})` } }
      : { type: 'ack', payload: { messageId: 'msg_1' } };
    frames.push({ data: Buffer.from(JSON.stringify(answer)), binary: false, atMs: performance.now() });
  };
  return { ear: new Ear(context, { frames, send } as unknown as Socket), sent };
}

describe('something that is said', () => {
  test('is said once where it is taken', async () => {
    const { ear, sent } = server(0);
    expect(await say(context, { ear }, 'hello')).toBeNull();
    expect(sent).toHaveLength(1);
  });

  test('is said again a second after a refusal, under the same id', async () => {
    const { ear, sent } = server(2);
    expect(await say(context, { ear }, 'hello')).toBeNull();
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(sent[1]!.atMs - sent[0]!.atMs).toBeGreaterThan(900);
    expect(sent).toHaveLength(3);
  }, 20_000);

  test('is given up after the third refusal, and its reason is told', async () => {
    const { ear, sent } = server(9);
    expect(await say(context, { ear }, 'hello')).toBe('Rate limit exceeded (3)');
    expect(sent).toHaveLength(3);
  }, 20_000);

  test('comes at ten a second at most', async () => {
    const { ear, sent } = server(0);
    for (let i = 0; i < 4; i++) await say(context, { ear }, `hello ${i}`);
    expect(sent[3]!.atMs - sent[0]!.atMs).toBeGreaterThan(290);
  });
});
