import type { AssertionVerdict, CheckVerdict, Report } from '../verdict/types.ts';
import * as groups from './groups.ts';
import * as rows from './rows.ts';
import { type Cell, columns, hanging, type Pen, type PenOptions, pen, wrap } from './terminal.ts';
import { duration, group, moment, plural, range, shorten, word } from './words.ts';

export interface ConsoleOptions extends PenOptions {
  /** Where the HTML report was written, as it should be shown. */
  readonly reportFile?: string;
}

/** What stands on the screen when a run is over: the verdict first, then what to act on, the numbers last. */
export function consoleSummary(report: Report, options: ConsoleOptions): string {
  const using = pen(options);
  const parts = [
    head(report, using),
    blocking(report, using),
    targets(report, using),
    asides(report, using),
    foot(report, using, options.reportFile),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head(report: Report, using: Pen): readonly string[] {
  const { verdict } = report;
  const about = [
    `${report.environment}, profile ${report.profile}`,
    report.revision === null ? 'revision not stated' : `revision ${report.revision}`,
    `suites ${report.suites.join(', ')}`,
    `started ${moment(report.startedAt)}`,
    `took ${duration(report.tookMs)}`,
  ].join('; ');
  const notes = rows.shortcomings(report);
  return [
    using.rule(),
    using.tone(verdict, using.bold(`${using.sign(verdict)} ${word(verdict).toUpperCase()}`)),
    ...wrap(using.text(report.headline), using.width).map(using.bold),
    ...wrap(using.text(about), using.width),
    ...notes.flatMap((note) => hanging('-', using.text(note), 2, using.width)),
    using.rule(),
  ];
}

function blocking(report: Report, using: Pen): readonly string[] {
  const checks = rows.blockers(report);
  if (checks.length === 0) return [];
  const told = checks.filter((check) => !groups.onlyWaits(check));
  const blocks = told.slice(0, most).map((check) => blocker(check, using).join('\n'));
  const others = told.slice(most).map((check) => check.id);
  const more = others.length === 0 ? [] : [hanging('and', using.text(others.join(' ')), 12, using.width).join('\n')];
  return [
    using.bold(`What blocks the release (${plural(checks.length, 'check')})`),
    '',
    [...blocks, ...more, ...waiting(report, using)].join('\n\n'),
  ];
}

/** One door opens many checks, so the door comes first. */
const waiting = (report: Report, using: Pen): readonly string[] =>
  [...groups.waiting(report)].map(([need, checks]) =>
    [
      using.badge('not-verified'),
      ...indented(`needs ${shorten(need, 200)}: ${plural(checks.length, 'check')}`, using).map(using.bold),
      ...indented(checks.map((check) => check.id).join(' '), using),
    ].join('\n'),
  );

/** When nothing answers, everything fails, and the first few say why; all of them are in the report file. */
const most = 15;

function blocker(check: CheckVerdict, using: Pen): readonly string[] {
  const waiver = check.waiver?.expired
    ? labelled('waiver', `of ${check.waiver.owner} expired ${check.waiver.until}: ${check.waiver.reason}`, using)
    : [];
  return [
    `${using.badge(check.status)}  ${using.bold(using.text(check.id))}`,
    ...indented(check.claim, using).map(using.dim),
    ...groups.blamedTogether(check).flatMap((group) => blame(group, check, using)),
    ...waiver,
    ...labelled('again', rows.briefly(check), using),
  ];
}

const indented = (text: string, using: Pen): readonly string[] =>
  wrap(using.text(text), using.width - 2).map((line) => `  ${line}`);

function blame({ label, rows: [row], expected, observed }: groups.RowGroup, check: CheckVerdict, using: Pen) {
  const status = row.status === check.status ? '' : ` (${word(row.status)})`;
  const line = (name: string, text: string | undefined) => (text === undefined ? [] : labelled(name, text, using));
  return [
    ...labelled('row', `${label}${status}`, using).map(using.bold),
    ...line('why', row.why),
    ...line('expected', expected),
    ...line('observed', observed),
    ...line('needs', rows.unsaidNeed(row)),
  ];
}

const labelled = (label: string, text: string, using: Pen): readonly string[] =>
  hanging(`  ${label}`, using.text(shorten(text, 400)), 12, using.width);

function targets(report: Report, using: Pen): readonly string[] {
  const all = rows.targetRows(report);
  if (all.length === 0) return [];
  if (using.width < narrow)
    return [using.bold('Targets'), ...all.flatMap(({ check, row }) => targetLines(check, row, using))];
  const title = titles.map((text) => ({ text, paint: using.dim }));
  const body = all.map(({ check, row }) => targetCells(check, row, using));
  return [using.bold('Targets'), ...columns([title, ...body], using.width)];
}

const titles = ['status', 'target', 'expected', 'observed', 'interval', 'samples'];
/** Six columns in fewer characters would be six columns of syllables. */
const narrow = 64;

function targetLines(check: CheckVerdict, row: AssertionVerdict, using: Pen): readonly string[] {
  const [, target, ...others] = targetCells(check, row, using);
  const lines = others.flatMap((cell, index) => hanging(`  ${titles[index + 2]}`, cell.text, 12, using.width));
  return [...wrap(`${using.sign(row.status)} ${word(row.status)}  ${target!.text}`, using.width), ...lines];
}

const targetCells = (check: CheckVerdict, row: AssertionVerdict, using: Pen): readonly Cell[] => [
  { text: `${using.sign(row.status)} ${word(row.status)}`, paint: (text) => using.tone(row.status, text) },
  { text: using.text(row.target ?? check.id) },
  { text: using.text(shorten(row.expected, 80)) },
  { text: using.text(shorten(row.observed, 80)) },
  { text: row.interval === null ? '-' : range(row.interval, row.intervalUnit) },
  { text: group(row.samples) },
];

/** One line each; the report file has the whole of it. */
function asides(report: Report, using: Pen): readonly string[] {
  const ids = (checks: readonly CheckVerdict[]) => checks.map((check) => check.id).join(' ');
  const waived = rows.withStatus(report, 'waived');
  const excluded = rows.withStatus(report, 'excluded');
  const line = (label: string, text: string) => hanging(label, using.text(shorten(text, 600)), 12, using.width);
  return [
    ...(waived.length > 0 ? line('waived', ids(waived)) : []),
    ...(excluded.length > 0 ? line('excluded', ids(excluded)) : []),
    ...report.findings.flatMap((one) => line('finding', `${one.severity}, ${one.check}: ${one.what}`)),
    ...groups.oursTogether(report).flatMap((one) => line('harness', groups.oursLine(one))),
    ...groups.residueTogether(report).flatMap((one) => line('left behind', groups.residueLine(one))),
  ];
}

/** Keeps a count and its word on one line while they are wrapped. */
const unbroken = '\u00a0';

function foot(report: Report, using: Pen, reportFile: string | undefined): readonly string[] {
  const counts = rows
    .counted(report)
    .map(([status, count]) => `${using.sign(status)} ${group(count)} ${word(status)}`.replaceAll(' ', unbroken));
  const where = reportFile === undefined ? [] : [`report  ${using.bold(using.text(reportFile))}`];
  const summed = counts.length === 0 ? [] : wrap(counts.join('   '), using.width);
  const verdict = `${using.sign(report.verdict)} ${word(report.verdict).toUpperCase()}`;
  const last = `${using.tone(report.verdict, using.bold(verdict))}, exit code ${report.exitCode}`;
  return [...summed.map((line) => line.trimEnd().replaceAll(unbroken, ' ')), ...where, last];
}
