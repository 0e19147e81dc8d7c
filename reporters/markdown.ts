import type { AssertionVerdict, CheckVerdict, Report } from '../verdict/types.ts';
import * as groups from './groups.ts';
import type { Reporter } from './reporter.ts';
import * as rows from './rows.ts';
import { clean, duration, group, latency, meaning, moment, plural, range, shorten, sign, word } from './words.ts';

/** For the summary page of a CI job: what is not a pass comes first, the rest folds away. */
export const markdown: Reporter = {
  name: 'markdown',
  render: (report) => [{ path: 'report.md', text: `${sections(report).filter(Boolean).join('\n\n')}\n` }],
};

const sections = (report: Report): readonly string[] => [
  `# ${sign[report.verdict]} ${word(report.verdict).toUpperCase()}: ${text(report.environment)}`,
  `**${text(report.headline)}**`,
  facts(report),
  counts(report),
  list('What keeps it from a pass', rows.shortcomings(report)),
  blocking(report),
  targets(report),
  waived(report),
  findings(report),
  list(
    'About the harness itself',
    groups
      .oursTogether(report)
      .map(
        (one) =>
          `${groups.oursLine({ ...one, what: `${one.what}${one.check ? ` (${one.check})` : ''}` })}${one.spoils ? ' (spoils the evidence)' : ''}`,
      ),
  ),
  list('Left behind', groups.residueTogether(report).map(groups.residueLine)),
  list(
    'Notes',
    report.notes.map((one) => `${one.check ? `${one.check}: ` : ''}${one.what}: ${one.detail}`),
  ),
  ...rest(report),
];

const facts = (report: Report): string =>
  [
    `Profile **${text(report.profile)}**`,
    `revision ${report.revision === null ? 'not stated' : code(report.revision)}`,
    `suites ${report.suites.map(text).join(', ')}`,
    `started ${text(moment(report.startedAt))}`,
    `took ${duration(report.tookMs)}`,
    `run ${code(report.run)}`,
    `harness ${text(report.harness)}`,
  ].join(' · ');

const counts = (report: Report): string =>
  rows
    .counted(report)
    .map(([status, count]) => `${sign[status]} ${group(count)} ${word(status)}`)
    .join(' · ');

function blocking(report: Report): string {
  const body = rows
    .blockers(report)
    .flatMap((check) => groups.blamedTogether(check).map((together) => blockingRow(check, together)));
  if (body.length === 0) return '';
  const again = rows.blockers(report).map((check) => `${rows.again(report, check)}`);
  return [
    '## What blocks the release',
    table(['Status', 'Check', 'Expected', 'Observed', 'Why'], body),
    `To look again:\n\n~~~sh\n${again.map(clean).join('\n')}\n~~~`,
  ].join('\n\n');
}

const blockingRow = (
  check: CheckVerdict,
  { label, rows: [row], expected, observed }: groups.RowGroup,
): readonly string[] => [
  status(row),
  `${code(check.id)} ${text(label)}${check.waiver?.expired ? ` (waiver of ${text(check.waiver.owner)} expired ${text(check.waiver.until)})` : ''}`,
  text(expected ?? '–'),
  text(observed ?? '–'),
  `${text(row.why)}${rows.unsaidNeed(row) ? ` (needs ${code(rows.unsaidNeed(row)!)})` : ''}`,
];

function targets(report: Report): string {
  const body = rows
    .targetRows(report)
    .map(({ check, row }) => [
      status(row),
      `${row.target ? code(row.target) : 'no target'} ${code(check.id)}`,
      text(row.expected),
      text(row.observed),
      row.interval === null ? '–' : range(row.interval, row.intervalUnit),
      group(row.samples),
      row.distribution === undefined ? '–' : spread(row),
    ]);
  if (body.length === 0) return '';
  return `## Targets\n\n${table(['Status', 'Target', 'Expected', 'Observed', 'Interval', 'Samples', 'P50 / P95 / P99 / lost'], body)}`;
}

function spread({ distribution }: AssertionVerdict): string {
  const { unit, quantiles, lost } = distribution!;
  const shown = (value: number | null) =>
    value === null ? (lost > 0 ? 'lost' : 'none') : unit === 'ms' ? latency(value) : `${value} ${text(unit)}`;
  return [shown(quantiles.p50), shown(quantiles.p95), shown(quantiles.p99), group(lost)].join(' / ');
}

function waived(report: Report): string {
  const body = rows
    .withStatus(report, 'waived')
    .map((check) => [
      code(check.id),
      word(check.without ?? 'waived'),
      text(check.waiver?.reason ?? ''),
      text(check.waiver?.owner ?? ''),
      text(check.waiver?.until ?? ''),
    ]);
  return body.length === 0
    ? ''
    : `## Waived\n\n${table(['Check', 'Without the waiver', 'Reason', 'Owner', 'Until'], body)}`;
}

function findings(report: Report): string {
  const body = report.findings.map((one) => [
    text(one.severity),
    code(one.check),
    text(one.where),
    `${text(one.what)}${one.fix ? ` Fix: ${text(one.fix)}` : ''}`,
    one.reproduce ? (one.reproduce.includes('\n') ? 'below' : code(one.reproduce)) : '',
  ]);
  if (body.length === 0) return '';
  const scripts = report.findings.flatMap((one) =>
    one.reproduce?.includes('\n') ? [script(one.where, one.reproduce)] : [],
  );
  return [`## Findings\n\n${table(['Severity', 'Check', 'Where', 'What', 'To see it'], body)}`, ...scripts].join(
    '\n\n',
  );
}

/** A script of several lines stays one that can be pasted: nothing in it can end its block. */
function script(where: string, lines: string): string {
  const body = lines.split('\n').map((line) => clean(line).replaceAll('~~~', '~ ~ ~'));
  return `<details><summary>To see it: ${text(where)}</summary>\n\n~~~sql\n${body.join('\n')}\n~~~\n\n</details>`;
}

/** Everything else, a row an assertion, folded by status. */
const rest = (report: Report): readonly string[] =>
  (['pass', 'shown', 'excluded'] as const).map((status) => {
    const checks = rows.withStatus(report, status);
    if (checks.length === 0) return '';
    const body = checks.flatMap((check) =>
      check.assertions.length === 0
        ? [[code(check.id), '', '']]
        : check.assertions.map((row) => [code(check.id), text(row.name), text(row.why)]),
    );
    const summary = `${sign[status]} ${plural(checks.length, 'check')} ${word(status)}: ${meaning[status]}`;
    return `<details><summary>${summary}</summary>\n\n${table(['Check', 'Assertion', 'Why'], body)}\n\n</details>`;
  });

const status = (row: AssertionVerdict): string => `${sign[row.status]} ${word(row.status)}`;

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.map((item) => `- ${text(item)}`).join('\n')}`;
}

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * Foreign text stays text: no markup, no HTML, no link, no mention, no new line. What Markdown could read as markup
 * is written as a character reference, which also survives inside a table cell.
 */
const text = (foreign: string): string =>
  shorten(clean(foreign), 400).replaceAll(
    /[\\`*_{}[\]<>#|~@&]|www(?=\.)|:\/\/|^\s*[-+](?=\s)|^\s*\d+[.)](?=\s)/g,
    (marks) => [...marks].map((mark) => (/[\s\d]/.test(mark) ? mark : `&#${mark.codePointAt(0)};`)).join(''),
  );

/** A backtick cannot be escaped in a code span; HTML's own element can hold one. */
const code = (foreign: string): string =>
  /^[\w.:/*-]+$/.test(foreign) ? `\`${foreign}\`` : `<code>${text(foreign)}</code>`;
