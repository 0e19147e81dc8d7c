import { describe, expect, test } from 'vitest';
import { chunk } from '../../reference/services/api/retrieval.ts';
import { complexity, priceUsd, route } from '../../reference/services/api/routing.ts';
import { parseCookies, sessionToken } from '../../reference/services/common/cookies.ts';
import { dimensions, embed } from '../../reference/services/common/embedding.ts';
import { Bucket } from '../../reference/services/realtime/bucket.ts';

describe('routing', () => {
  test.each([
    { question: 'What are your opening hours?', tier: 'fast' },
    { question: 'Compare the two plans, explain the trade-off, and why one would choose the first?', tier: 'balanced' },
    {
      question: `Analyze this architecture step by step, evaluate each trade-off, and justify the design: ${'it has many parts; '.repeat(20)}`,
      tier: 'powerful',
    },
  ])('sends "$question" to the $tier model', ({ question, tier }) => {
    expect(route(complexity(question).score).tier).toBe(tier);
  });

  test('a powerful answer costs more than a fast one', () => {
    expect(priceUsd(route(0.9), 1000, 100)).toBeGreaterThan(10 * priceUsd(route(0.1), 1000, 100));
    expect(priceUsd(route(0.1), 1_000_000, 0)).toBe(0.075);
  });
});

describe('embedding', () => {
  const similar = (a: string, b: string) => embed(a).reduce((sum, value, i) => sum + value * embed(b)[i]!, 0);
  test('has the dimensions of the column and length one', () => {
    expect(embed('refund policy')).toHaveLength(dimensions);
    expect(Math.hypot(...embed('refund policy'))).toBeCloseTo(1);
    expect(Math.hypot(...embed(''))).toBeCloseTo(1);
  });
  test.each([
    { a: 'refund policy', b: 'refund policy', atLeast: 0.999 },
    { a: 'refund policy', b: 'The refund policy gives money back within thirty days', atLeast: 0.7 },
  ])('finds "$a" near "$b"', ({ a, b, atLeast }) => expect(similar(a, b)).toBeGreaterThan(atLeast));
  test('finds unrelated texts far apart', () => {
    expect(similar('refund policy', 'zebra crossings need paint')).toBeLessThan(0.7);
  });
});

describe('chunking', () => {
  const words = 'One sentence follows another. '.repeat(200);
  test('covers the whole text, in order, with overlaps', () => {
    const pieces = chunk(words, 500, 100);
    expect(pieces[0]!.start).toBe(0);
    expect(pieces.at(-1)!.end).toBe(words.length);
    for (const [i, piece] of pieces.slice(1).entries()) expect(piece.start).toBeLessThan(pieces[i]!.end);
    for (const { content } of pieces) expect(content.length).toBeLessThanOrEqual(500);
  });
  test('ends with a text that has no place to cut', () =>
    expect(chunk('x'.repeat(1000), 100, 99).length).toBeGreaterThan(5));
});

describe('a bucket', () => {
  test('lets a burst through, then its rate', () => {
    const bucket = new Bucket({ burst: 3, perSecond: 2 }, 0);
    expect([0, 0, 0, 0, 400, 500, 501].map((now) => bucket.take(now))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

describe('cookies', () => {
  test.each(['authjs', '__Secure-authjs', 'next-auth', '__Secure-next-auth'])('hold the session under %s', (name) => {
    expect(sessionToken(parseCookies(`a=b; ${name}.session-token=x%7Cy; c=d`))).toBe('x|y');
  });
  test('that are broken are no reason to fail', () => expect(parseCookies('a=%zz; =; ;b')).toEqual({ a: '%zz' }));
});
