import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type * as entries from '../../record/entries.ts';
import { schemaVersion } from '../../record/entries.ts';

const schema = JSON.parse(readFileSync(new URL('../../record.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
// One format is used, and a library for it would be all there is to gain.
ajv.addFormat('date-time', (text: string) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text));
const validate = ajv.compile(schema);
const h = '0123456789abcdef';
const errors = (line: object) =>
  validate(line) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);

describe('the lines of the design are valid', () => {
  test.each(
    [
      `{"kind":"run","schema":"1.0","id":"r-20260102-0304-ab12","environment":"staging","revision":"9f2c","profile":"readiness","suites":["smoke","load"],"partial":false,"harness":"1.0.0","startedAt":"2026-01-02T03:04:05.678Z"}`,
      `{"kind":"plan","check":"smoke.api.health","assertions":["form","latency"]}`,
      `{"kind":"excluded","check":"e2e.widget.init","why":"parts.widget: false in the environment file"}`,
      `{"kind":"unmet","check":"smoke.db.forced","needs":"database.appUrl"}`,
      `{"kind":"measurement","check":"smoke.api.health","assertion":"latency","dueMs":1200,"startMs":1200.4,"tookMs":41.2,"ok":true}`,
      `{"kind":"measurement","check":"smoke.api.health","assertion":"latency","dueMs":1250,"startMs":1250.2,"ok":false,"because":"refused"}`,
      `{"kind":"window","check":"load.users","assertion":"T-api","fromMs":0,"toMs":1000,"histogram":"HISTFAAA","lost":{"timeout":2},"late":{"p99Ms":1.1}}`,
      `{"kind":"sample","series":"postgres.connections","unit":"1","labels":{"instance":"a"},"atMs":30000,"value":41}`,
      `{"kind":"finding","check":"sec.headers","severity":"high","where":"GET /","what":"…","reproduce":"…","fix":"…","asvs":["3.4.3"]}`,
      `{"kind":"ours","what":"generator-starved","fromMs":0,"toMs":900,"detail":"…"}`,
      `{"kind":"residue","what":"tenant","id":"…","why":"no cleanup grant"}`,
      `{"kind":"end"}`,
    ].map((line) => [line]),
  )('%s', (line) => {
    expect(errors({ ...JSON.parse(line), h })).toEqual([]);
  });
});

/** Every key of every entry: TypeScript holds these against the types, the test below against the schema. */
const complete: {
  readonly [Kind in entries.Entry['kind']]: Required<Extract<entries.Entry, { kind: Kind; ok?: true }>>;
} = {
  run: {
    kind: 'run',
    schema: schemaVersion,
    id: 'r-1',
    environment: 'staging',
    environmentKind: 'staging',
    revision: '1',
    profile: 'readiness',
    suites: ['smoke'],
    notBuilt: [],
    partial: true,
    shard: { index: 1, of: 2 },
    of: 161,
    harness: '1.0.0',
    startedAt: '2026-01-02T03:04:05.678Z',
    mergedFrom: [h],
    soak: { plannedMs: 1, timeScale: 600, slotMs: 5000, daily: true },
  },
  plan: {
    kind: 'plan',
    check: 'a.b',
    claim: 'c',
    assertions: ['form'],
    targets: { form: 'T-api' },
    cells: { form: ['x'] },
    atLeast: { form: 2 },
    sources: { form: 'metrics api' },
  },
  excluded: { kind: 'excluded', check: 'a.b', why: 'w' },
  unmet: { kind: 'unmet', check: 'a.b', assertion: 'c', needs: 'd' },
  waiver: { kind: 'waiver', check: 'a.b', reason: 'r', owner: 'o', until: '2026-03-01' },
  measurement: {
    kind: 'measurement',
    check: 'a.b',
    assertion: 'c',
    dueMs: 1,
    startMs: 2,
    cell: 'x',
    expected: 'e',
    observed: 'o',
    ok: true,
    tookMs: 3,
    value: 4,
    unit: 'By',
  },
  window: {
    kind: 'window',
    check: 'a.b',
    assertion: 'c',
    fromMs: 0,
    toMs: 1000,
    histogram: 'HIST',
    sentHistogram: 'HIST',
    good: 3,
    lost: { timeout: 1 },
    unsent: 0,
    late: { p99Ms: 1, maxMs: 2 },
  },
  sample: { kind: 'sample', series: 's', unit: '1', labels: { a: 'b' }, atMs: 1, value: -1 },
  limit: { kind: 'limit', series: 's', labels: { a: 'b' }, atMs: 1, value: 2, from: 'max_connections' },
  event: {
    kind: 'event',
    what: 'notified',
    service: 'api',
    atMs: 1,
    detail: 'd',
    count: 2,
    rule: 'redis.memory',
    lasts: true,
  },
  finding: {
    kind: 'finding',
    check: 'a.b',
    severity: 'low',
    where: 'w',
    what: 'x',
    reproduce: 'r',
    fix: 'f',
    asvs: ['1'],
    rule: 'R05',
  },
  ours: { kind: 'ours', what: 'late', check: 'a.b', fromMs: 0, toMs: 1, detail: 'd', spoils: false },
  residue: { kind: 'residue', what: 'tenant', id: '1', why: 'w' },
  skipped: { kind: 'skipped', suite: 'load', why: 'w' },
  note: {
    kind: 'note',
    check: 'a.b',
    what: 'w',
    detail: 'd',
    file: 'evidence/smoke.web.bundle/trace.zip',
    unseen: 'log api',
  },
  end: { kind: 'end', atMs: 1 },
};

describe('the schema and the types know the same keys', () => {
  test.each(Object.entries(complete))('%s', (kind, entry) => {
    expect(errors({ ...entry, h })).toEqual([]);
    const known = Object.keys(schema.$defs[kind].properties).filter(
      (key) => key !== 'h' && !(kind === 'measurement' && key === 'because'),
    );
    expect(known.sort()).toEqual(Object.keys(entry).sort());
  });

  test('kinds and words', () => {
    expect(schema.properties.kind.enum.sort()).toEqual(Object.keys(complete).sort());
    const source = readFileSync(new URL('../../record/entries.ts', import.meta.url), 'utf8');
    const words = [.../export type OursWhat =([^;]+);/.exec(source)![1]!.matchAll(/'([\w-]+)'/g)].map(
      ([, word]) => word,
    );
    expect(schema.$defs.ours.properties.what.enum.sort()).toEqual(words.sort());
  });
});

describe('what is not an entry is refused', () => {
  const good = { kind: 'measurement', check: 'a.b', assertion: 'c', startMs: 1, ok: true, tookMs: 2, h };

  test.each<[string, object]>([
    ['no hash', { kind: 'end' }],
    ['a short hash', { kind: 'end', h: 'abc' }],
    ['an unknown kind', { kind: 'verdict', h }],
    ['a failure without a reason', { ...good, ok: false }],
    ['a success with one', { ...good, because: 'x' }],
    ['a quantity without its unit', { ...good, value: 1 }],
    ['a time as text', { ...good, startMs: '1' }],
    ['a plan of nothing', { kind: 'plan', check: 'a.b', assertions: [], h }],
    ['a count below zero', { ...complete.window, lost: { timeout: -1 }, h }],
  ])('%s', (_, line) => {
    expect(errors(line)).not.toEqual([]);
  });

  test('but a key of a newer minor schema is let pass', () => {
    expect(errors({ ...good, temperature: 21 })).toEqual([]);
  });
});
