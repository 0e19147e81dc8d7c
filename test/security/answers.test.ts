import { expect, test } from 'vitest';
import type { BodyContext } from '../../runners/body.ts';
import { judgeAnswers } from '../../suites/security/isolation/answers.ts';
import type { Storm } from '../../suites/security/isolation/storm.ts';

const good: Storm = {
  asked: 240,
  answered: 230,
  cutOff: 10,
  limited: 0,
  own: 130,
  odd: new Map(),
  medianMs: 5,
};

function judged(one: Storm, cancelled: number | null = 5): string {
  const said: string[] = [];
  const context = {
    holds: () => said.push('holds'),
    unmet: (needs: string) => said.push(`needs ${needs}`),
    note: () => undefined,
  } as unknown as BodyContext;
  judgeAnswers(context, { all: [one], cutOff: one, cancelled });
  return said.join();
}

test.each([
  { name: 'tenants were served their own', storm: good, said: /^holds$/ },
  { name: 'a limit refused nearly all', storm: { ...good, limited: 200 }, said: /^needs an API that answers: only 30/ },
  {
    name: 'every answer was a failure, and so held nothing of anybody',
    storm: { ...good, own: 0, odd: new Map([['users.me: INTERNAL_SERVER_ERROR', 130]]) },
    said: /^needs an API that answers: only 0 of 240 requests in turns brought a tenant its own$/,
  },
  { name: 'nobody was cut off', storm: { ...good, cutOff: 0 }, said: /^needs requests cut off/ },
])('$name', ({ storm, said }) => expect(judged(storm)).toMatch(said));

test('where no statement may be cancelled, none need be', () => expect(judged(good, null)).toBe('holds'));
test('where none could be met, that is said', () => expect(judged(good, 0)).toMatch(/^needs a statement of the API/));
