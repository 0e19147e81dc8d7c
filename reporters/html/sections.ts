import type { AssertionVerdict, CheckVerdict, Report } from '../../verdict/types.ts';
import { blamedTogether, type RowGroup } from '../groups.ts';
import * as rows from '../rows.ts';
import { duration, group, moment, plural, range, sign, word } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { badge, expiredWaiver, id, needs, section, table } from './parts.ts';
import { plot } from './plot.ts';

export function verdict(report: Report): Markup {
  const notes = rows.shortcomings(report);
  return html`<header class="verdict ${report.verdict}">
<p class="eyebrow">May ${report.environment} ship?</p>
<h1><span class="mark" aria-hidden="true">${sign[report.verdict]}</span>${capital(word(report.verdict))}</h1>
<p class="headline">${report.headline}</p>
</header>
${facts(report)}
<ul class="counts" aria-label="Checks by status">${rows.counted(report).map(([status, count]) => html`<li><b>${group(count)}</b>${badge(status)}</li>`)}</ul>
${notes.length > 0 && html`<ul class="reach">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
}

function facts(report: Report): Markup {
  const revision = report.revision === null ? 'not stated' : html`<code>${report.revision}</code>`;
  const all: readonly (readonly [string, string | Markup])[] = [
    ['Environment', report.environment],
    ['Revision', revision],
    ['Profile of targets', report.profile],
    ['Suites', report.suites.join(', ')],
    ['Started', moment(report.startedAt)],
    ['Took', duration(report.tookMs)],
    ['Run', html`<code>${report.run}</code>`],
    ['Harness', report.harness],
  ];
  return html`<dl class="facts">${all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The first thing to act on: each check that is not a pass, with why and the command that looks again. */
export function blocking(report: Report): Markup {
  const checks = rows.blockers(report);
  const lead = blockingLead(report, checks);
  return section('blocks', 'What blocks the release', lead, html`${checks.map((check) => blocker(report, check))}`);
}

function blockingLead(report: Report, checks: readonly CheckVerdict[]): string {
  if (checks.length > 0)
    return `${plural(checks.length, 'check is', 'checks are')} neither a pass nor waived, the worst first.`;
  return rows.shortcomings(report).length > 0
    ? 'No single check does; see what is said above about the run itself.'
    : 'Nothing.';
}

const blocker = (report: Report, check: CheckVerdict): Markup => html`<article class="case ${check.status}">
<header>${badge(check.status)}<h3>${id(check.id)}</h3></header>
<p class="claim">${check.claim}</p>${expiredWaiver(check)}${blamedTogether(check).map(blame)}${report.findings
  .filter((finding) => finding.check === check.id)
  .map(
    (one) =>
      html`<p class="finding"><b>${one.severity}</b>: ${one.what} <span class="soft">at</span> ${one.where}${one.fix && html` <span class="soft">Fix:</span> ${one.fix}`}</p>`,
  )}${evidence(report, check)}
<p class="again"><span class="soft">Again:</span> <code>${rows.again(report, check)}</code></p>
</article>
`;

/** What was kept of a failed journey, beside this page. */
function evidence(report: Report, check: CheckVerdict): Markup | false {
  const files = report.notes.filter((note) => note.check === check.id && note.file !== undefined);
  return (
    files.length > 0 &&
    html`<p class="evidence"><span class="soft">Evidence:</span> ${files.map((note) => html`<a href="${note.file}">${note.what}</a> `)}</p>`
  );
}

/** One reason is told once, whichever rows it holds for; each of them stands in the list of every assertion. */
const blame = ({ short, names, rows: [row], expected, observed }: RowGroup): Markup => html`<dl>
<dt class="row">${short}</dt><dd>${badge(row.status)}${alias(row, names) !== undefined && html` <span class="soft">${alias(row, names)}</span>`}</dd>
<dt>Why</dt><dd class="why">${row.why}${needs(row)}</dd>
${expected !== undefined && html`<dt>Expected</dt><dd>${expected}</dd>`}
${observed !== undefined && html`<dt>Observed</dt><dd>${observed}${names === undefined && row.samples > 0 && html` <span class="soft">(${plural(row.samples, 'sample')})</span>`}</dd>`}
</dl>`;

/** What else to know a row by: which ones they are, or the target that its name does not say. */
const alias = ({ name, target }: AssertionVerdict, names: string | undefined): string | undefined =>
  names ?? (target !== name ? target : undefined);

/** Each number with its error bar, and the picture of what it was taken from. */
export function targets(report: Report): Markup {
  const all = rows.targetRows(report);
  if (all.length === 0) return html``;
  const columns = [
    { title: 'Target' },
    { title: 'Expected' },
    { title: 'Observed' },
    { title: 'Interval' },
    { title: 'Samples', numeric: true as const },
    { title: 'Distribution' },
  ];
  const lead =
    'Each against the value of this profile. The interval is the one that decides: where the share over the target, or the share of errors, truly lies. In the pictures hatched bars are over the target; what was never answered stands apart at the right and counts as slower than everything.';
  const body = all.map(({ check, row }) => [
    html`<span class="named">${row.target ?? 'no target'}</span>${id(check.id)}${badge(row.status)}`,
    unbroken(row.expected),
    unbroken(row.observed),
    row.interval === null ? '–' : unbroken(range(row.interval, row.intervalUnit)),
    group(row.samples),
    row.distribution === undefined ? '–' : plot(row.distribution, row.statistic),
  ]);
  return section('targets', 'Targets', lead, html`<div class="target">${hatching}${table(columns, body)}</div>`);
}

/** In a narrow column a number stays whole, and its unit beside it. */
const unbroken = (text: string): string => text.replaceAll(/(?<=\d) (?=\d{3}(?!\d)|%|ms\b)/g, '\u00a0');

/** Defined once, for every plot. */
const hatching = html`<svg class="hatch" aria-hidden="true"><defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="4" height="4"/><path d="M1,0V4"/></pattern></defs></svg>`;

/** Nothing is left out: a row an assertion, with why, a suite at a time. */
export function everything(report: Report): Markup {
  const suites = [...rows.bySuite(report)].map(
    ([
      suite,
      checks,
    ]) => html`<details open><summary>${rows.suiteTitle(suite)} <span class="soft">${plural(checks.length, 'check')}</span></summary>
<table class="all"><thead><tr><th scope="col">Status</th><th scope="col">Assertion</th><th scope="col">Expected</th><th scope="col">Observed</th><th scope="col">Why</th></tr></thead>
${checks.map(entry)}</table></details>
`,
  );
  return section(
    'everything',
    'Every assertion',
    'The check’s status is the worst of its rows.',
    html`${filter}${suites}`,
  );
}

const filter = html`<search class="filter" hidden><label>Find <input type="search"></label><label><input type="checkbox"> hide what passed</label><output class="soft"></output></search>`;

const entry = (
  check: CheckVerdict,
): Markup => html`<tbody class="c ${check.status}"><tr class="check"><th scope="rowgroup">${badge(check.status)}</th><td colspan="4">${id(check.id)} <span class="claim">${check.claim}</span></td></tr>
${check.assertions.map(
  (
    row,
  ) => html`<tr class="row"><td>${badge(row.status)}</td><th scope="row">${row.name}</th><td>${row.expected}</td><td>${row.observed}</td><td>${row.why}${needs(row)}</td></tr>
`,
)}</tbody>`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
