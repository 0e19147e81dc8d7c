import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { answers, checkOf, hour, judged, limit, planned, rowOf, series, slots, soakRun } from './records.ts';

const mib = 2 ** 20;
const api = { labels: { service: 'api' } };

describe('a series becomes a row of the service it belongs to', () => {
  const memory = (shape: (t: number) => number, hours = 12, more: Entry[] = []) =>
    judged(soakRun(48), [
      planned('soak.memory.SERVICE'),
      ...series('process.memory', hours, shape, { ...api, unit: 'By' }),
      ...series('process.memory', hours, () => 90 * mib, { labels: { service: 'realtime-1' }, unit: 'By' }),
      ...more,
    ]);

  test('steady: pass', () => {
    const report = memory(() => 200 * mib);
    expect(rowOf(report, 'soak.memory.SERVICE', 'api').status).toBe('pass');
    expect(checkOf(report, 'soak.memory.SERVICE').status).toBe('pass');
  });

  test('a leak fails, names its service, its limit and when it is reached', () => {
    const report = memory((t) => (200 + 10 * t) * mib, 12, [
      limit('process.memory', 640 * mib, 'container limit', { service: 'api' }),
    ]);
    const row = rowOf(report, 'soak.memory.SERVICE', 'api');
    expect(row.status).toBe('fail');
    expect(row.why).toMatch(
      /^memory of api rises by (9|10)[.\d]* MiB an hour since hour \d+\.\d; it reaches its limit of 640 MiB \(container limit\) in 3[1-3] h \(\d\d h to \d\d h\); a healthy soak of 2 series is called a leak in at most 1 of \d+ runs/,
    );
    expect(rowOf(report, 'soak.memory.SERVICE', 'realtime-1').status).toBe('pass');
    expect(report.verdict).toBe('fail');
    const drawn = report.soak!.series.find(({ service }) => service === 'api')!;
    expect(drawn.kind).toBe('leak');
    expect(drawn.rise!.exhaustedIn![0]).toBeCloseTo(32, -1);
  });

  test('a leak without a limit fails all the same', () => {
    expect(
      rowOf(
        memory((t) => (200 + 10 * t) * mib),
        'soak.memory.SERVICE',
        'api',
      ).why,
    ).toContain('its limit is not known');
  });

  test('a leak that ends beyond the horizon is told and does not fail', () => {
    const far = [limit('process.memory', 2 ** 40, 'container limit', { service: 'api' })];
    const row = rowOf(
      memory((t) => (200 + 10 * t) * mib, 12, far),
      'soak.memory.SERVICE',
      'api',
    );
    expect(row.status).toBe('pass');
    expect(row.why).toContain('beyond the horizon of 14 d');
  });

  test('three hours are too few to pass', () => {
    expect(
      rowOf(
        memory(() => 200 * mib, 3),
        'soak.memory.SERVICE',
        'api',
      ).status,
    ).toBe('undecided');
  });

  test('nothing seen is not a pass', () => {
    const report = judged(soakRun(48), [planned('soak.memory.SERVICE'), ...slots(1)]);
    expect(checkOf(report, 'soak.memory.SERVICE').status).toBe('undecided');
  });

  test('a leak of the harness itself is evidence about us', () => {
    const report = memory(
      () => 200 * mib,
      12,
      series('harness.memory', 12, (t) => (90 + 9 * t) * mib, { unit: 'By' }),
    );
    expect(rowOf(report, 'soak.memory.SERVICE', 'harness').status).toBe('invalid');
  });

  test('what was not granted is not verified, by name', () => {
    const refused: Entry = {
      kind: 'unmet',
      check: 'soak.memory.SERVICE',
      assertion: 'agent',
      needs: 'processes of agent',
    };
    const row = rowOf(
      memory(() => 200 * mib, 12, [refused]),
      'soak.memory.SERVICE',
      'agent',
    );
    expect(row.status).toBe('not-verified');
    expect(row.why).toBe('not verified, needs processes of agent');
  });

  test('samples missing for two hours of ours change nothing', () => {
    const whole = series('process.memory', 14, () => 200 * mib, { ...api, unit: 'By' });
    const report = judged(soakRun(48), [
      planned('soak.memory.SERVICE'),
      ...whole.filter((entry) => !('atMs' in entry) || entry.atMs! < 5 * hour || entry.atMs! > 7 * hour),
      { kind: 'ours', what: 'gap', fromMs: 5 * hour, toMs: 7 * hour, detail: 'killed' },
    ]);
    expect(rowOf(report, 'soak.memory.SERVICE', 'api').status).toBe('pass');
    expect(report.soak!.gaps).toEqual([{ from: 5, to: 7, detail: 'killed' }]);
  });
});

describe('what is bounded, counted or shared', () => {
  test.each([
    { name: 'a pool that is steady', of: () => 20, status: 'pass', why: 'number of connections of PostgreSQL' },
    {
      name: 'a pool that leaks',
      of: (t: number) => 20 + 2 * t,
      status: 'fail',
      why: 'it reaches its limit of 100 (max_connections)',
    },
    {
      name: 'a pool that is used up',
      of: (t: number) => (t > 6 ? 99 : 20),
      status: 'fail',
      why: 'was used up from hour 6.0',
    },
  ])('$name: $status', ({ of, status, why }) => {
    const report = judged(soakRun(48), [
      planned('soak.db.connections'),
      limit('postgres.connections', 100, 'max_connections'),
      ...series('postgres.connections', 12, of),
    ]);
    const row = rowOf(report, 'soak.db.connections', 'connections');
    expect(row.status).toBe(status);
    expect(row.why).toContain(why);
  });

  test.each([
    { name: 'none', of: () => 3, status: 'pass', why: 'no deadlocks of PostgreSQL in 2.0 h' },
    {
      name: 'one',
      of: (t: number) => (t > 1 ? 4 : 3),
      status: 'fail',
      why: 'deadlocks of PostgreSQL rose by 1 since the soak began, first at hour 1.0',
    },
    { name: 'a reset of the counter', of: (t: number) => (t > 1 ? 0 : 3), status: 'pass', why: 'no deadlocks' },
  ])('deadlocks: $name', ({ of, status, why }) => {
    const report = judged(soakRun(48), [
      planned('soak.db.deadlocks'),
      ...series('postgres.deadlocks', 2, of, { noise: 0 }),
    ]);
    expect(rowOf(report, 'soak.db.deadlocks', 'deadlocks')).toMatchObject({
      status,
      why: expect.stringContaining(why),
    });
  });

  test.each([
    { name: 'is the first change that the cloud told', from: 'cloud', at: 0.1, status: 'fail' },
    { name: 'of the cloud may reach back to before the soak', from: 'cloud', at: 0, status: 'pass' },
    { name: 'is what a counter of the server stood at', from: 'database', at: 0.1, status: 'pass' },
  ])('a first value $name: $status', ({ from, at, status }) => {
    const counted = series('postgres.deadlocks', 4, () => 2, { from: at, noise: 0, labels: { from } });
    const report = judged(soakRun(4), [planned('soak.db.deadlocks'), ...counted]);
    expect(rowOf(report, 'soak.db.deadlocks', 'deadlocks').status).toBe(status);
  });

  test.each([
    { name: 'a disk with years left', size: (t: number) => 1000 + 0.01 * t, status: 'pass' },
    { name: 'a disk full in a week', size: (t: number) => 1000 + 400 * t, status: 'fail' },
    { name: 'a disk above four fifths', size: () => 85_000, status: 'fail' },
  ])('$name: $status', ({ size, status }) => {
    const report = judged(soakRun(48), [
      planned('soak.db.disk'),
      limit('postgres.disk', 100_000, 'disk'),
      ...series('postgres.disk', 24, size, { unit: 'By', noise: 0.0005 }),
    ]);
    expect(rowOf(report, 'soak.db.disk', 'disk').status).toBe(status);
  });

  test.each([
    { pool: 'postgres.connections', check: 'soak.db.connections', row: 'connections' },
    { pool: 'redis.clients', check: 'soak.redis.clients', row: 'clients' },
  ])('$pool used up for two samples of every hour fails', ({ pool, check, row }) => {
    const usedUp = (t: number) => (Math.round(t * 60) % 60 < 2 && t > 1 ? 97 : 20);
    const report = judged(soakRun(12), [
      planned(check),
      limit(pool, 97, 'what it has'),
      ...series(pool, 12, usedUp, { noise: 0 }),
    ]);
    expect(rowOf(report, check, row)).toMatchObject({
      status: 'fail',
      why: expect.stringContaining('was used up from hour 1.0: up to 100 %'),
    });
  });

  test('a client that Redis refused fails, whatever the number of clients says', () => {
    const report = judged(soakRun(12), [
      planned('soak.redis.clients'),
      limit('redis.clients', 100, 'maxclients'),
      ...series('redis.clients', 12, () => 20),
      ...series('redis.rejected', 12, (t) => (t > 5 ? 3 : 0), { noise: 0 }),
    ]);
    expect(rowOf(report, 'soak.redis.clients', 'rejected').why).toMatch(/^clients that Redis refused rose by 3/);
    expect(rowOf(report, 'soak.redis.clients', 'clients').status).toBe('pass');
  });

  /** A look every five minutes. */
  const bloat = (hours: number, share: (t: number) => number) =>
    series('postgres.bloat', hours, share, { labels: { table: 'a.b' } }).filter((_, i) => i % 5 === 0);
  test.each([
    { name: 'that nobody ends', share: (t: number) => 0.01 + 0.0092 * t, status: 'fail' },
    { name: 'that vacuum ends again and again', share: (t: number) => 0.01 + 0.035 * (t % 5), status: 'pass' },
    { name: 'to where vacuum will come', share: (t: number) => 0.01 + 0.003 * t, status: 'pass' },
    { name: 'of nothing at all', share: () => 0.35, status: 'pass' },
  ])('dead rows with a rise $name: $status', ({ share, status }) => {
    const report = judged(soakRun(48), [planned('soak.db.bloat'), ...bloat(48, share)]);
    expect(rowOf(report, 'soak.db.bloat', 'bloat a.b').status).toBe(status);
  });

  test.each([
    { check: 'soak.cpu.SERVICE', of: 'process.cpu', row: 'api within its limit', needs: 'cpuCores' },
    { check: 'soak.db.connections', of: 'postgres.connections', row: 'never exhausted', needs: 'database.appUrl' },
    { check: 'soak.redis.clients', of: 'redis.clients', row: 'never exhausted', needs: 'redis.url' },
  ])('$of without a limit is not verified, and with one of any source it is', ({ check, of, row, needs }) => {
    const labels = { service: 'api', from: 'metrics' };
    const entries = [planned(check), ...series(of, 12, () => 0.995, { labels, noise: 0.001 })];
    expect(rowOf(judged(soakRun(12), entries), check, row)).toMatchObject({
      status: 'not-verified',
      needs: expect.stringContaining(needs),
    });
    const other = { ...labels, from: 'process' };
    const bounded = [...series(of, 12, () => 0.5, { labels: other }), limit(of, 10, 'l', other)];
    expect(rowOf(judged(soakRun(12), [...entries, ...bounded]), check, row)).toBeUndefined();
  });

  test('a core that is full from the first minute fails once it is known that there is one', () => {
    const labels = { service: 'api', from: 'metrics' };
    const cpu = series('process.cpu', 12, () => 0.995, { labels, noise: 0.001 });
    const report = judged(soakRun(12), [
      planned('soak.cpu.SERVICE'),
      limit('process.cpu', 1, 'cpuCores', labels),
      ...cpu,
    ]);
    expect(rowOf(report, 'soak.cpu.SERVICE', 'api').status).toBe('fail');
  });

  test('streams that are trimmed pass, one that is not fails, by its name', () => {
    const report = judged(soakRun(48), [
      planned('soak.redis.streams'),
      ...series('redis.stream.length', 12, () => 5000, { labels: { stream: 'trimmed' } }),
      ...series('redis.stream.length', 12, (t) => 5000 + 600 * t, { labels: { stream: 'grown' } }),
      ...series('redis.stream.pending', 12, () => 0, { labels: { stream: 'trimmed' } }),
    ]);
    expect(rowOf(report, 'soak.redis.streams', 'length trimmed').status).toBe('pass');
    expect(rowOf(report, 'soak.redis.streams', 'length grown')).toMatchObject({
      status: 'fail',
      why: expect.stringContaining('the length of grown in Redis rises by'),
    });
    expect(rowOf(report, 'soak.redis.streams', 'pending trimmed').status).toBe('pass');
  });
});

describe('restarts', () => {
  const lives = (life: (t: number) => string, more: Entry[] = []) =>
    rowOf(
      judged(soakRun(48), [
        planned('soak.restarts'),
        ...series('process.memory', 6, () => 100 * mib, { ...api, life }),
        ...more,
      ]),
      'soak.restarts',
      'api',
    );

  test('none: pass', () => expect(lives(() => 'a').status).toBe('pass'));

  test('one fails and says when', () => {
    expect(lives((t) => (t < 2 ? 'a' : 'b'))).toMatchObject({
      status: 'fail',
      why: 'api restarted 1 time: at hour 2.0',
    });
  });

  test('one that was a deploy is none, but the soak was of two revisions', () => {
    const deploy: Entry = { kind: 'event', what: 'deploy', service: 'api', atMs: 2 * hour, detail: 'a → b' };
    expect(lives((t) => (t < 2 ? 'a' : 'b'), [deploy]).status).toBe('undecided');
    const processOf = (service: string) => {
      const labels = { service, from: 'process' };
      const seen = series('process.memory', 6, () => 100 * mib, { labels, life: (t) => (t < 2 ? 'a' : 'b') });
      return rowOf(judged(soakRun(48), [planned('soak.restarts'), ...seen, deploy]), 'soak.restarts', service).status;
    };
    expect(processOf('api-blue')).toBe('undecided');
    expect(processOf('apiary')).toBe('fail');
  });

  test('not there any more', () => {
    const gone = series('process.up', 1, () => 0, { ...api, from: 6, noise: 0 });
    expect(lives(() => 'a', gone)).toMatchObject({
      status: 'fail',
      why: expect.stringContaining('api ended at hour 6.0'),
    });
  });

  test('not seen for the last half is not a pass', () => {
    const other = series('postgres.connections', 12, () => 20);
    expect(lives(() => 'a', other).status).toBe('undecided');
  });
});

describe('latency', () => {
  const latency = (entries: readonly Entry[], profile = 'readiness') =>
    rowOf(judged(soakRun(48), [planned('soak.latency', ['T-api']), ...entries], profile), 'soak.latency', 'T-api');
  const usual = (_t: number, i: number) => 20 + (i % 50);

  test('ten good hours: pass', () => {
    expect(latency(answers('T-api', 10, usual))).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('held in each of 10 hours'),
    });
  });

  test('one bad hour fails, by its number', () => {
    const row = latency(answers('T-api', 10, (t, i) => (t >= 4 && t < 5 && i % 4 === 0 ? 700 : usual(t, i))));
    expect(row).toMatchObject({ status: 'fail', why: expect.stringContaining('missed in 1 hour of 10 (4)') });
  });

  test('a slow drift fails although every hour holds', () => {
    const row = latency(answers('T-api', 24, (t, i) => usual(t, i) + 2.5 * t));
    expect(row).toMatchObject({ status: 'fail', why: expect.stringContaining('answers of T-api grow slower') });
  });

  test.each([
    { name: 'a drift wider than the spread', ms: (t: number, i: number) => 20 + (i % 3) + t, status: 'fail' },
    {
      name: 'one that begins after hours',
      ms: (t: number, i: number) => 20 + (i % 3) + 2 * Math.max(0, t - 8),
      status: 'fail',
    },
    { name: 'a step', ms: (t: number, i: number) => 20 + (i % 3) + (t < 12 ? 0 : 20), status: 'pass' },
    { name: 'a little more in all', ms: (t: number, i: number) => 20 + (i % 50) + 0.1 * t, status: 'pass' },
  ])('$name: $status, although every hour holds', ({ ms, status }) => {
    const row = latency(answers('T-api', 24, ms));
    expect(row.status).toBe(status);
    if (status === 'fail')
      expect(row.why).toMatch(/^answers of T-api grow slower: the lower quartile went from \d+ ms to \d+ ms from hour/);
  });

  test('an hour that goes on says nothing of a drift: it would say something else when it is over', () => {
    const slower = (t: number, i: number) => 20 + (i % 3) + 3 * t;
    expect(latency(answers('T-api', 8.9, slower)).why).toContain('from hour 0 to 7');
    expect(latency(answers('T-api', 9, slower)).why).toContain('from hour 0 to 8');
  });

  test('six good hours are undecided: a drift cannot be told yet', () => {
    expect(latency(answers('T-api', 6, usual)).status).toBe('undecided');
  });

  test('without a value in the profile it is shown', () => {
    const report = judged(
      soakRun(48),
      [planned('soak.latency', ['T-chat']), ...answers('T-chat', 10, usual)],
      'preparation',
    );
    expect(rowOf(report, 'soak.latency', 'T-chat').status).toBe('shown');
  });

  test('nothing timed is not a pass', () => expect(latency([]).status).toBe('undecided'));
});

describe('availability and critical errors', () => {
  test('an outage of five minutes fails, with its start, length and cause', () => {
    const down = (t: number) => (t >= 1 && t < 1 + 1 / 12 ? 'refused' : null);
    const report = judged(soakRun(3), [planned('soak.uptime', ['T-uptime']), ...slots(3, down)], 'preparation');
    const row = rowOf(report, 'soak.uptime', 'T-uptime');
    expect(row.status).toBe('fail');
    expect(row.why).toContain('away from hour 1.0 for 5 min (refused)');
    expect(report.soak!.outages).toHaveLength(1);
  });

  test('all slots answered: pass; a third of them: undecided', () => {
    const status = (hours: number) =>
      rowOf(
        judged(soakRun(3), [planned('soak.uptime', ['T-uptime']), ...slots(hours)], 'preparation'),
        'soak.uptime',
        'T-uptime',
      ).status;
    expect(status(3)).toBe('pass');
    expect(status(1)).toBe('undecided');
  });

  test('critical lines, 5xx and unexpected closes are told apart', () => {
    const event = (what: 'critical' | 'disconnect', detail: string): Entry => ({
      kind: 'event',
      what,
      service: 'api',
      atMs: hour,
      detail,
    });
    const report = judged(soakRun(2), [
      planned('soak.critical'),
      ...series('log.lines', 2, (t) => 100 * t, { ...api, noise: 0 }),
      ...series('log.lines', 2, (t) => 100 * t, { labels: { service: 'web' }, noise: 0 }),
      event('critical', 'FATAL: out of memory'),
      event('disconnect', 'closed with 1011'),
      {
        kind: 'window',
        check: 'soak.critical',
        assertion: 'answers',
        fromMs: hour,
        toMs: hour + 10_000,
        good: 900,
        lost: { 'http-500': 2, timeout: 5 },
      },
      ...answers('T-ws-msg', 2, () => 5),
    ]);
    const why = (name: string) => rowOf(report, 'soak.critical', name);
    expect(why('logs api')).toMatchObject({
      status: 'fail',
      why: 'api logged 1 critical line, the first at hour 1.0: FATAL: out of memory',
    });
    expect(why('logs web').status).toBe('pass');
    expect(why('answers')).toMatchObject({ status: 'fail', why: expect.stringContaining('2 critical answers') });
    expect(why('sockets')).toMatchObject({ status: 'fail', why: expect.stringContaining('closed with 1011') });
  });
});

describe('alert thresholds', () => {
  const full = [
    planned('soak.alerts'),
    limit('redis.memory', 100, 'maxmemory'),
    ...series('redis.memory', 2, (t) => (t > 1 && t < 1.5 ? 90 : 20), { noise: 0, unit: 'By' }),
  ];
  const told = (atMs: number): Entry => ({
    kind: 'event',
    what: 'notified',
    service: 'alerts',
    atMs,
    detail: 'Redis memory',
    rule: 'redis.memory',
  });
  const watching = series('alerts.watched', 2, () => 1, { noise: 0 });
  const row = (entries: readonly Entry[], name = 'redis.memory') =>
    rowOf(judged(soakRun(2), entries), 'soak.alerts', name);

  test('crossed and told in time: pass', () => {
    expect(row([...full, ...watching, told(hour + 62_000)])).toMatchObject({ status: 'pass' });
  });
  test('crossed and swallowed: fail', () => {
    expect(row([...full, ...watching])).toMatchObject({
      status: 'fail',
      why: expect.stringContaining('no alert came for it'),
    });
  });
  test('crossed and told too late: fail', () => {
    expect(row([...full, ...watching, told(hour + 180_000)])).toMatchObject({ status: 'fail' });
  });
  test('crossed and nobody may read the alerts: not verified', () => {
    expect(row(full)).toMatchObject({ status: 'not-verified', needs: 'alerts' });
  });
  test.each([
    { cause: 'no answer within 10 s', crossed: true },
    { cause: 'refused the connection', crossed: false },
  ])('"$cause" is a late answer: $crossed', ({ cause, crossed }) => {
    const usual = answers('T-api', 2, () => 20);
    const away = usual.map((entry) =>
      entry.kind === 'window' && entry.fromMs >= hour
        ? { ...entry, histogram: undefined, lost: { [cause]: 100 } }
        : entry,
    );
    const { status } = row([planned('soak.alerts'), ...away, ...watching], 'api.latency');
    expect(status).toBe(crossed ? 'fail' : 'pass');
  });
  test('never crossed: pass; never watched: not verified', () => {
    expect(row([...full, ...watching], 'redis.exhausted').status).toBe('pass');
    expect(row([...full, ...watching], 'livekit.down')).toMatchObject({ status: 'not-verified' });
  });
});

describe('a scaled soak', () => {
  test('a second stands for ten minutes, and proves no length', () => {
    const start = soakRun(12 / 600, { timeScale: 600 });
    const scaled = series('process.memory', 12, (t) => (200 + 12 * t) * mib, { ...api, unit: 'By' }).map((entry) =>
      entry.kind === 'sample' ? { ...entry, atMs: entry.atMs / 600 } : entry,
    );
    const report = judged(start, [planned('soak.memory.SERVICE', ['holds', 'T-soak']), ...scaled]);
    expect(rowOf(report, 'soak.memory.SERVICE', 'api').why).toContain('an hour since hour');
    expect(rowOf(report, 'soak.memory.SERVICE', 'T-soak')).toMatchObject({
      status: 'shown',
      why: expect.stringContaining('no proof of length'),
    });
    expect(report.soak!.timeScale).toBe(600);
  });
});
