import { describe, expect, test } from 'vitest';
import { planLoad, type Wanted } from '../../suites/load/plan.ts';

const full: Wanted = {
  seconds: 158,
  users: 100,
  accounts: 100,
  realtime: true,
  meetings: true,
  searchable: true,
  budget: { requests: 200_000, aiMessages: 2_000 },
  perUser: null,
};

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('a hundred users', () => {
  const plan = planLoad(full);

  test('are there from the first moment, in their shares', () => {
    expect(plan.present.length).toBeGreaterThanOrEqual(100);
    expect(plan.present.length).toBeLessThanOrEqual(110);
    const talkers = plan.present.filter(({ kind }) => kind === 'talker').length;
    expect(talkers / plan.present.length).toBeCloseTo((0.2 * 90) / 58, 1);
  });

  test('arrive as fast as they leave: rate × mean length is a hundred and a little', () => {
    const journeys = plan.sources.find(({ scenario }) => scenario === 'journeys')!;
    const meanMs = sum(plan.kinds.map((kind) => plan.lengthsMs[kind])) / plan.kinds.length;
    expect(meanMs / journeys.periodMs).toBeGreaterThan(100);
    expect(meanMs / journeys.periodMs).toBeLessThan(110);
  });

  test('and every target gets its 1 200 samples, the whole its 100 requests a second', () => {
    for (const stream of ['T-api', 'T-chat', 'T-search', 'T-ws-connect', 'T-ws-msg'])
      expect(plan.sources.find((source) => source.stream === stream)!.slots).toBeGreaterThanOrEqual(1_200);
    expect(sum(Object.values(plan.perSecond))).toBeGreaterThanOrEqual(100);
    expect(plan.notes).toEqual([]);
  });
});

describe('less is sent, and said, where', () => {
  test.each<{ name: string; but: Partial<Wanted>; says: string }>([
    {
      name: 'the budget of AI messages is small',
      but: { budget: { requests: 200_000, aiMessages: 600 } },
      says: 'AI questions',
    },
    {
      name: 'the budget of requests is small',
      but: { budget: { requests: 6_000, aiMessages: 2_000 } },
      says: 'requests',
    },
    {
      name: 'the plan of the users is not known',
      but: { perUser: { calls: 100, questions: 10 } },
      says: 'would decide',
    },
  ])('$name', ({ but, says }) => {
    const plan = planLoad({ ...full, ...but });
    expect(plan.notes.join('\n')).toContain(says);
  });

  test('without any AI messages nobody asks', () => {
    const plan = planLoad({ ...full, budget: { requests: 200_000, aiMessages: 0 } });
    expect(plan.kinds).not.toContain('asker');
    expect(plan.scenarios).not.toHaveProperty('chat');
  });

  test('a part that is not there has no journey and no stream', () => {
    const plan = planLoad({ ...full, realtime: false, meetings: false });
    expect(new Set(plan.kinds)).toEqual(new Set(['reader', 'asker']));
    expect(Object.keys(plan.scenarios).sort()).toEqual(['api', 'chat', 'journeys', 'present', 'search']);
  });
});
