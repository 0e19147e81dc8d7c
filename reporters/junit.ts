import type { AssertionVerdict, CheckVerdict, Report, Status } from '../verdict/types.ts';
import type { Reporter } from './reporter.ts';
import { again, bySuite, shortcomings } from './rows.ts';
import { meaning, word } from './words.ts';
import { type Element, element, xml } from './xml.ts';

/**
 * JUnit knows passed, failure, error and skipped. Only a pass is passed; what is proven broken is a failure; what nobody
 * could decide is an error, named by its type; what no verdict rests on is skipped and says why.
 */
export const junit: Reporter = {
  name: 'junit',
  render: (report) => [{ path: 'junit.xml', text: xml(testsuites(report)) }],
};

function testsuites(report: Report): Element {
  const suites = [...bySuite(report)].map(([suite, checks]) =>
    testsuite(report, suite, checks.flatMap(testcases(report))),
  );
  const all = [...suites, testsuite(report, 'verdict', [theRun(report)])];
  return element(
    'testsuites',
    { name: `shakedown ${report.environment}`, ...sum(all), time: seconds(report.tookMs) },
    all,
  );
}

function testsuite(report: Report, suite: string, cases: readonly Element[]): Element {
  const of = (name: string) => cases.filter((one) => one.children.some((child) => child.name === name)).length;
  const counts = { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
  return element('testsuite', { name: suite, ...counts, timestamp: report.startedAt.replace(/Z$/, '') }, cases);
}

function sum(suites: readonly Element[]): Record<string, number> {
  const keys = ['tests', 'failures', 'errors', 'skipped'];
  return Object.fromEntries(
    keys.map((key) => [key, suites.reduce((total, suite) => total + Number(suite.attributes[key]), 0)]),
  );
}

/** Without it a run whose every row is green, but which did not end or judged nothing, would be green as a whole. */
function theRun(report: Report): Element {
  const said = [report.headline, ...shortcomings(report)].join('\n');
  return element(
    'testcase',
    { classname: 'verdict', name: 'the run as a whole' },
    outcome(report.verdict, report.headline, said),
  );
}

const testcases =
  (report: Report) =>
  (check: CheckVerdict): readonly Element[] =>
    check.assertions.length === 0
      ? [
          element(
            'testcase',
            { classname: check.id, name: check.id },
            outcome(check.status, meaning[check.status], check.claim),
          ),
        ]
      : check.assertions.map((row) => testcase(report, check, row));

function testcase(report: Report, check: CheckVerdict, row: AssertionVerdict): Element {
  const waived = check.status === 'waived' && row.status !== 'pass';
  const status = waived ? 'waived' : row.status;
  const message = waived ? `${waiverOf(check)}; without it ${word(row.status)}: ${row.why}` : row.why;
  return element(
    'testcase',
    { classname: check.id, name: row.name },
    outcome(status, message, details(report, check, row)),
  );
}

const waiverOf = ({ waiver }: CheckVerdict): string =>
  waiver === undefined ? 'waived' : `waived by ${waiver.owner} until ${waiver.until}: ${waiver.reason}`;

function details(report: Report, check: CheckVerdict, row: AssertionVerdict): string {
  const needs = row.needs === undefined ? [] : [`needs: ${row.needs}`];
  const measured = [`expected: ${row.expected}`, `observed: ${row.observed}`, `samples: ${row.samples}`];
  const found = row.name === 'findings' ? report.findings.filter((one) => one.check === check.id).map(finding) : [];
  return [check.claim, ...measured, ...needs, `again: ${again(report, check)}`, ...found].join('\n');
}

/** Whole, with what shows it: a log of a build is where it will be pasted from. */
const finding = ({ severity, where, what, fix, reproduce }: Report['findings'][number]): string =>
  [
    `\n${severity}: ${what} (${where})`,
    ...(fix === undefined ? [] : [`fix:\n${fix}`]),
    ...(reproduce === undefined ? [] : [`to see it:\n${reproduce}`]),
  ].join('\n');

function outcome(status: Status, message: string, text: string): readonly Element[] {
  if (status === 'pass') return [];
  if (status === 'fail') return [element('failure', { message, type: status }, [], text)];
  if (status === 'invalid' || status === 'undecided' || status === 'not-verified')
    return [element('error', { message, type: status }, [], text)];
  return [element('skipped', { message: `${word(status)}: ${message}` })];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
