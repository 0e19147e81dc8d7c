import { describe, expect, test } from 'vitest';
import {
  blamedTogether,
  oursLine,
  oursTogether,
  residueLine,
  residueTogether,
  waiting,
} from '../../reporters/groups.ts';
import { consoleSummary, fileReporters } from '../../reporters/index.ts';
import type { Report } from '../../verdict/types.ts';
import { broken, check, healthy, report, row } from './fixtures.ts';

const pages = (one: Report) => [
  consoleSummary(one, { colour: false, width: 4000 }),
  ...fileReporters
    .flatMap((reporter) => reporter.render(one))
    .flatMap(({ path, text }) => (/md|html/.test(path) ? [text] : [])),
];

describe('what was left behind', () => {
  test('a hundred for one reason are one line, another reason is another', () => {
    expect(residueTogether(healthy).map(residueLine)).toEqual([
      'room shakedown-5f01: the meeting server answered 503',
      '100 tenants (13ac3312…, 13ac3312…, 13ac3312…, … all in report.json): could not be deleted: the cleanup procedure answered 503',
    ]);
  });
  test.each(pages(healthy))('page %#: no more than that', (page) => {
    expect(page).toContain('100 tenants');
    expect(page.match(/13ac3312/g)).toHaveLength(3);
  });
  test('reasons that differ in an identifier alone are one', () => {
    const residue = ['a', 'b'].map((id) => ({
      what: 'tenant',
      id,
      why: `13ac3312-ca9f-46c7-9812-89332${id === 'a' ? '7c721a0' : '27c70ff'} answered 503`,
    }));
    expect(residueTogether(report([], { residue })).map(residueLine)).toEqual([
      '2 tenants (a, b): first: 13ac3312-ca9f-46c7-9812-893327c721a0 answered 503',
    ]);
  });
});

describe('what was about the harness', () => {
  test('the same trouble many times is one line', () =>
    expect(oursTogether(broken).map(oursLine)).toEqual([
      'clock-jump: the wall clock went forward by 4 s',
      'generator-starved 14 times, first: the load generator was kept from running for 400 ms of 1000 ms',
    ]));
  test('what spoils evidence is never folded into what does not', () => {
    const one = { what: 'late' as const, fromMs: 0, toMs: 1, detail: 'by 3 ms' };
    const ours = [
      { ...one, spoils: false },
      { ...one, spoils: true },
    ];
    expect(oursTogether(report([], { ours }))).toHaveLength(2);
  });
  test.each(pages(broken))('page %#: once', (page) => expect(page.match(/generator-starved/g)).toHaveLength(1));
});

describe('rows to blame', () => {
  const labels = (...rows: ReturnType<typeof row>[]) =>
    blamedTogether(check('a.b', 'fail', { assertions: rows })).map(({ label }) => label);
  const down = (name: string) => row(name, 'fail', { why: 'broken: connection refused' });

  test('one reason, one telling', () => {
    expect(labels(down('a'), down('b'))).toEqual(['all 2 rows: a, b']);
    expect(labels(down('a'), down('b'), row('c', 'pass'))).toEqual(['2 of 3 rows: a, b']);
    expect(labels(down('a'), row('c', 'pass'))).toEqual(['a']);
  });
  test('another status or another number is another reason', () => {
    expect(labels(down('a'), { ...down('b'), status: 'undecided' })).toEqual(['a', 'b']);
    expect(labels(row('a', 'fail', { why: '3 of 9 bad' }), row('b', 'fail', { why: '4 of 9 bad' }))).toEqual([
      'a',
      'b',
    ]);
  });
  test('when it first broke is not', () =>
    expect(
      labels(...[1, 2].map((at) => row(`r${at}`, 'fail', { why: `broken: refused, first ${at}.5 s into the run` }))),
    ).toEqual(['all 2 rows: r1, r2']));
  test('the list of every assertion stays whole', () => {
    const page = pages(broken)[2]!;
    for (const name of ['page', 'assets', 'fallback']) expect(page).toContain(`<td>200 with the ${name}</td>`);
  });
});

test('what waits for access stands under what it needs, unless its waiver expired', () => {
  const shut = (id: string, needs: string) =>
    check(id, 'not-verified', {
      assertions: [row('x', 'not-verified', { needs, why: `not verified, needs ${needs}` })],
    });
  const waiver = { reason: 'r', owner: 'o', until: '2025-01-01', expired: true };
  const one = report([
    shut('a.a', 'redis.url'),
    shut('a.b', 'ops'),
    shut('a.c', 'redis.url'),
    { ...shut('a.d', 'ops'), waiver },
  ]);
  expect([...waiting(one)].map(([need, checks]) => [need, checks.map(({ id }) => id)])).toEqual([
    ['redis.url', ['a.a', 'a.c']],
    ['ops', ['a.b']],
  ]);
  const text = consoleSummary(one, { colour: false, width: 80 });
  expect(text).toContain('  needs redis.url: 2 checks\n  a.a a.c\n');
  expect(text).toContain('waiver    of o expired 2025-01-01');
});
