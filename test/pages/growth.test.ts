import { describe, expect, test } from 'vitest';
import { endOf, growthOf, lettersOf } from '../../platform/pages/assistant.ts';

const question = 'What is the capital of France?';
const states = (...texts: string[]) => texts.map((text, i) => ({ atMs: i * 100, text }));
const lengths = (...texts: string[]) => growthOf(states(...texts), question).steps.map(({ length }) => length);

describe('an answer', () => {
  test('that grows shows each beginning of it', () => {
    expect(lengths('', `You\n${question}`, `You\n${question}\nParis`, `You\n${question}\nParis is it.`)).toEqual([
      5, 12,
    ]);
  });

  test('that comes at once shows itself alone', () => {
    expect(lengths(`You\n${question}`, `You\n${question}\nParis is it.`)).toEqual([12]);
  });

  test('that is written before a cursor shows each beginning of it', () => {
    const said = (part: string) => `You\n${question}\n${part}`;
    expect(lengths(said('Par▍'), said('Paris is▍'), said('Paris is it.'))).toEqual([3, 8, 12]);
  });

  test('is not what stood in its place before', () => {
    expect(lengths(`You\n${question}\nWriting...`, `You\n${question}\nParis is it.`)).toEqual([12]);
  });

  test('is whole in the end, whatever was said before the question', () => {
    const { whole } = growthOf(states(`Earlier words\n${question}\nParis\nis   it.`), question);
    expect(whole).toBe('Paris is it.');
  });

  test('may repeat its question', () => {
    expect(lengths(`${question}\nYou asked`, `${question}\nYou asked "${question}": Paris.`)).toEqual([9, 50]);
  });

  test('that never came is empty', () => {
    expect(growthOf(states('Hello'), question)).toEqual({ whole: '', steps: [] });
    expect(growthOf([], question)).toEqual({ whole: '', steps: [] });
  });
});

describe('the end of an answer', () => {
  const stored = `A long beginning.\n\n- **one** \`thing\`\n- and [another](x), which is the *last* word of it all.`;

  test('is known again however its marks are shown', () => {
    const shown = 'A long beginning. • one thing • and another (x), which is the last word of it all. 12:03 Copy';
    expect(lettersOf(shown)).toContain(endOf(stored));
  });

  test('is missing where the answer stopped, or an error stands in its place', () => {
    for (const shown of [
      'A long beginning. one thing and another (x), which',
      'Failed to send message. Please try again.',
    ])
      expect(lettersOf(shown)).not.toContain(endOf(stored));
  });
});
