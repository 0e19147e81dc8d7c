import { describe, expect, test } from 'vitest';
import { Random } from '../../bench/soak/random.ts';
import type { Entry } from '../../record/entries.ts';
import { Facts } from '../../verdict/fold.ts';
import { checkOf, hour, inOrder, judged, planned, rowOf, soakRun } from './records.ts';

const minute = 60_000;

/** A look a minute at what is behind one address; `says` names the labels of the process that answered. */
function looks(count: number, says: (look: number) => Record<string, string>, from = 'health'): Entry[] {
  return Array.from({ length: count }, (_, look): Entry => {
    const labels = { service: 'api', from, ...says(look) };
    return { kind: 'sample', series: 'process.up', unit: '1', labels, atMs: look * minute, value: 1 };
  });
}

const rowFor = (entries: readonly Entry[]) =>
  rowOf(judged(soakRun(48), [planned('soak.restarts'), ...entries]), 'soak.restarts', 'api');

const resumed = (atMs: number): Entry[] => [
  { kind: 'ours', what: 'gap', fromMs: atMs - 2 * minute, toMs: atMs, detail: 'nobody watched', spoils: false },
  { kind: 'ours', what: 'resumed', fromMs: atMs, toMs: atMs, detail: 'in good order', spoils: false },
];

describe('a soak that goes on in another process', () => {
  const segments = (life: (look: number) => string) => [
    ...looks(300, (look) => ({ life: life(look) })),
    ...resumed(100 * minute - 5),
    ...resumed(200 * minute - 5),
  ];

  test('knows the process by its start, although its clock is set anew', () => {
    const row = rowFor(segments((look) => String(-3_600_000 + (look < 100 ? 0 : look < 200 ? 7 : 3_400))));
    expect(row).toMatchObject({ status: 'pass' });
  });

  test('sees the one that was started again meanwhile', () => {
    const row = rowFor(segments((look) => String(look < 100 ? -3_600_000 : 99 * minute)));
    expect(row).toMatchObject({ status: 'fail', why: 'api restarted 1 time: at hour 1.7' });
  });

  test('within one process a start is exact', () => {
    const row = rowFor(looks(300, (look) => ({ life: look < 100 ? '-1000' : '4000' })));
    expect(row.status).toBe('fail');
  });

  test('goes on with the trend of its memory', () => {
    const memory = Array.from({ length: 900 }, (_, look): Entry => {
      const labels = { service: 'api', from: 'health', life: String(look < 450 ? -5_000 : -4_988) };
      return {
        kind: 'sample',
        series: 'process.memory',
        unit: 'By',
        labels,
        atMs: look * minute,
        value: 1e8 + (look % 7),
      };
    });
    const facts = new Facts(soakRun(48), 'readiness');
    for (const entry of inOrder([...memory, ...resumed(450 * minute - 5)])) facts.add(entry);
    const [series] = facts.soak.series.values();
    expect(series!.seen.trend()).toMatchObject({ restarts: 0, kind: 'steady' });
  });
});

describe('memory of two behind one address that take turns', () => {
  const random = new Random(5);
  const rowsOf = (labels: (look: number) => Record<string, string>, leak: number, more: readonly Entry[] = []) => {
    const memory = Array.from({ length: 24 * 60 }, (_, look): Entry => {
      const megabytes = (look % 2 ? 200 + (leak * look) / 60 : 150) * (1 + 0.005 * random.normal());
      const all = { service: 'api', from: 'health', ...labels(look) };
      const told = { series: 'process.memory', unit: 'By', labels: all, value: megabytes * 2 ** 20 };
      return { kind: 'sample', atMs: look * minute, ...told };
    });
    const report = judged(soakRun(24), [planned('soak.memory.SERVICE'), ...memory, ...more]);
    return checkOf(report, 'soak.memory.SERVICE').assertions.map(({ name, status }) => [name, status]);
  };
  const byStart = (look: number) => ({ life: look % 2 ? '-900000' : '-5000' });

  test('is judged of each by itself', () => {
    expect(rowsOf(byStart, 0)).toEqual([
      ['api', 'pass'],
      ['api process 2', 'pass'],
    ]);
    expect(rowsOf(byStart, 6)).toEqual([
      ['api', 'pass'],
      ['api process 2', 'fail'],
    ]);
  });

  test('is not proven where none of them says which it is', () => {
    const one = looks(24 * 60, () => ({ life: '-5000' }));
    const two = looks(24 * 60, byStart);
    expect(rowsOf(() => ({}), 6, two)).toEqual([['api', 'undecided']]);
    expect(rowsOf(() => ({}), 0, one)).toEqual([['api', 'pass']]);
    const again = looks(24 * 60, (look) => ({ life: look < 300 ? '-5000' : String(300 * minute) }));
    expect(rowsOf(() => ({}), 0, again)).toEqual([['api', 'pass']]);
  });
});

describe('memory of a copy that was added for a while', () => {
  const random = new Random(7);
  const memory = (instance: string, fromHours: number, toHours: number, growth = 0): Entry[] =>
    Array.from({ length: (toHours - fromHours) * 60 }, (_, look): Entry => {
      const value = 200 * 2 ** 20 * (1 + (growth * look) / 60) * (1 + 0.005 * random.normal());
      const labels = { service: 'api', from: 'health', instance, life: instance };
      return {
        kind: 'sample',
        series: 'process.memory',
        unit: 'By',
        labels,
        atMs: fromHours * hour + look * minute,
        value,
      };
    });
  const statuses = (...entries: readonly Entry[][]) => {
    const report = judged(soakRun(40), [planned('soak.memory.SERVICE'), ...entries.flat()]);
    return checkOf(report, 'soak.memory.SERVICE').assertions.map(({ status }) => status);
  };

  test('is shown where another holds throughout', () => {
    expect(statuses(memory('a', 0, 40), memory('b', 10, 11), memory('c', 36, 40))).toEqual(['pass', 'shown', 'shown']);
  });

  test('is open where none does', () => {
    expect(statuses(memory('a', 0, 20), memory('b', 20, 21), memory('c', 22, 40))).toContain('undecided');
  });

  test('that leaks is a leak', () => {
    expect(statuses(memory('a', 0, 40), memory('b', 10, 24, 0.1))).toEqual(['pass', 'fail']);
  });
});

describe('several behind one address that do not say which one answered', () => {
  const [one, two] = ['-9000000', '-3000000'];

  test('take turns: no restart', () => {
    expect(rowFor(looks(300, (look) => ({ life: look % 3 === 0 ? one : two }))).status).toBe('pass');
    expect(rowFor(looks(300, (look) => ({ life: look < 150 ? one : two }))).status).toBe('pass');
  });

  test('one of them ended and began again', () => {
    const later = String(150 * minute);
    const lives = (count: number) =>
      rowFor(looks(count, (look) => ({ life: look % 2 === 0 ? one : look < 150 ? two : later })));
    for (const count of [155, 300])
      expect(lives(count)).toMatchObject({ status: 'undecided', why: expect.stringContaining('began at hour 2.5') });
  });

  test('all of them ended and began again', () => {
    const begun = (look: number) => (look < 150 ? (look % 2 ? one : two) : String((150 + (look % 2)) * minute));
    expect(rowFor(looks(300, (look) => ({ life: begun(look) }))).status).toBe('fail');
  });

  test('scaled in, and out again a few minutes later, is no restart', () => {
    const later = String(105 * minute);
    const lifeOf = (look: number) => (look % 2 ? one : look < 100 ? two : look < 105 ? one : later);
    expect(rowFor(looks(300, (look) => ({ life: lifeOf(look) }))).status).toBe('undecided');
  });

  test('one more began, and all are met again: scaled, no restart', () => {
    const third = String(150 * minute);
    const row = rowFor(looks(300, (look) => ({ life: look > 150 && look % 3 === 0 ? third : look % 2 ? one : two })));
    expect(row.status).toBe('pass');
  });
});

/** Two of them at any time; each hour `crash` of them end and others take their places. */
function hourly(count: number, crash: number, names: boolean): Entry[] {
  return looks(count, (look) => {
    const at = look % 2;
    const turn = at < crash ? Math.floor((look + at * 7) / 60) : 0;
    const start = String((turn === 0 ? -2 - at : turn * 60 - at * 7) * minute);
    return { life: start, ...(names ? { instance: `copy-${at}-${turn}` } : {}) };
  });
}

describe.each([
  { who: 'copies that name themselves', names: true },
  { who: 'copies without names', names: false },
])('$who, two at a time', ({ names }) => {
  test.each([1, 2])('%s of them replaced every hour: fail', (crash) => {
    expect(rowFor(hourly(600, crash, names))).toMatchObject({
      status: 'fail',
      why: expect.stringMatching(/^a process of api ended and another began \d+ times, and there were never more or/),
    });
  });

  test('one of them replaced once: undecided', () => {
    expect(rowFor(hourly(90, 1, names))).toMatchObject({
      status: 'undecided',
      why: expect.stringContaining('watch.processes of api would decide'),
    });
  });

  test('a deploy replaces both: undecided, and nothing else is said of it', () => {
    const deploy: Entry = { kind: 'event', what: 'deploy', service: 'api', atMs: hour, detail: 'a → b' };
    expect(rowFor([...hourly(90, 2, names), deploy])).toMatchObject({
      status: 'undecided',
      observed: 'deployed meanwhile',
    });
  });

  test('none replaced: pass, and nobody says that they are one', () => {
    expect(rowFor(hourly(300, 0, names))).toMatchObject({
      status: 'pass',
      why: '2 processes of api were met and none was replaced in all of 300 looks over 5.0 h',
    });
  });

  test('two that are watched by themselves: each restart counts', () => {
    const row = rowFor(
      hourly(90, 1, false).map((entry) =>
        entry.kind === 'sample' ? { ...entry, labels: { ...entry.labels, from: 'process' } } : entry,
      ),
    );
    expect(row).toMatchObject({ status: 'fail', why: 'api restarted 1 time: at hour 1.0' });
  });
});

describe('a page of metrics that works out anew since when its process runs', () => {
  const began = (life: (look: number) => number) =>
    rowFor(looks(300, (look) => ({ life: String(life(look)) }), 'metrics'));

  test.each([
    ['wanders between two seconds', (look: number) => 1_790_000_000 + (look % 7 === 3 ? 1 : 0)],
    ['is put right by a clock that was set', (look: number) => 1_790_000_000 - (look < 100 ? 0 : 2)],
    ['drifts with its clock', (look: number) => 1_790_000_000 + Math.floor(look / 40)],
  ])('%s: no restart', (_, life) => {
    expect(began(life)).toMatchObject({ status: 'pass', why: expect.stringMatching(/^api was the same process/) });
  });

  test('is of another process that began a minute later', () => {
    expect(began((look) => 1_790_000_000 + (look < 100 ? 0 : 60))).toMatchObject({
      status: 'fail',
      why: 'api restarted 1 time: at hour 1.7',
    });
  });
});

describe('copies that are scaled', () => {
  /** Between one and three; one is added or taken away when nobody knows, five minutes apart at least; who is asked is chance. */
  function autoscaled(seed: number, names: boolean): Entry[] {
    const random = new Random(seed);
    const there: string[] = [];
    let waits = 0;
    const scale = (look: number) => {
      waits = 5;
      if (there.length < 3 && (there.length === 1 || random.uniform() < 0.5)) there.push(String(look * minute));
      else there.splice(Math.floor(random.uniform() * there.length), 1);
    };
    there.push('-6000000', '-3000000');
    return looks(1440, (look) => {
      if (waits-- <= 0 && random.uniform() < 1 / 20) scale(look);
      const start = there[Math.floor(random.uniform() * there.length)]!;
      return { life: start, ...(names ? { instance: `copy${start}` } : {}) };
    });
  }

  test.each([true, false])('have not restarted (named: %s)', (names) => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);
    expect(seeds.filter((seed) => rowFor(autoscaled(seed, names)).status === 'fail')).toEqual([]);
  });
});

describe('one of several that are scaled', () => {
  const crashed = (...more: readonly Entry[]) => rowFor([...hourly(90, 1, true), ...more]).status;
  const critical = (atMs: number, service = 'api'): Entry => ({
    kind: 'event',
    what: 'critical',
    service,
    atMs,
    detail: 'Uncaught exception',
  });

  test('has crashed when its log told so at that time', () => {
    expect(crashed(critical(hour - minute))).toBe('fail');
    expect(crashed(critical(hour / 2))).toBe('undecided');
    expect(crashed(critical(hour - minute, 'acme-api'))).toBe('fail');
    expect(crashed(critical(hour - minute, 'web'))).toBe('undecided');
  });

  test('has crashed when whoever begins it again counted it', () => {
    const counter = (to: number) => looks(90, (look) => ({ life: `after ${look < 60 ? 0 : to}` }), 'restart counter');
    expect(crashed(...counter(1))).toBe('fail');
    expect(crashed(...counter(0))).toBe('undecided');
  });

  test('is not met again because another process of ours counts from none', () => {
    const counted = (life: (look: number) => number) =>
      rowFor([
        ...looks(300, (look) => ({ life: `after ${life(look)}` }), 'restart counter'),
        ...resumed(200 * minute - 5),
      ]).status;
    expect(counted((look) => (look < 100 || look >= 200 ? 0 : 1))).toBe('fail');
    expect(counted(() => 0)).toBe('pass');
    expect(counted((look) => (look < 250 ? 0 : 1))).toBe('fail');
  });
});

describe('copies that name themselves', () => {
  const named = (instance: (look: number) => string, from = 'metrics') =>
    rowFor(looks(300, (look) => ({ instance: instance(look), life: instance(look) }), from));

  test('one after the other: the second has replaced the first', () => {
    expect(named((look) => (look < 120 ? 'rev-a1' : 'rev-b2'))).toMatchObject({
      status: 'fail',
      why: 'api restarted 1 time: at hour 2.0',
    });
  });

  test('there at once: scaled, no restart', () => {
    expect(named((look) => (look < 120 || look % 2 === 0 ? 'rev-a1' : 'rev-b2')).status).toBe('pass');
  });

  test('one that had begun before the other was last seen was there at once with it', () => {
    const row = rowFor(
      looks(300, (look) => (look < 120 ? { instance: 'a', life: '-5000' } : { instance: 'b', life: String(hour) })),
    );
    expect(row.status).toBe('pass');
  });
});
