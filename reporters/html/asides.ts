import type { CheckVerdict, Report } from '../../verdict/types.ts';
import { oursTogether, residueTogether } from '../groups.ts';
import * as rows from '../rows.ts';
import { meaning, plural, sign, word } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { badge, id, section, table } from './parts.ts';

/** What the verdict does not rest on and its reader should still know; a section with nothing to say is not there. */

const nothing = html``;

export function waived(report: Report): Markup {
  const checks = rows.withStatus(report, 'waived');
  const spare = rows.spareWaivers(report);
  if (checks.length + spare.length === 0) return nothing;
  const lead = `${plural(checks.length, 'check is', 'checks are')} not a pass and accepted for now. Whoever signs this release signs these too.`;
  const unneeded =
    spare.length > 0 && html`<p class="spare">Waived without need, because they pass: ${ids(spare)}.</p>`;
  return section('waived', 'Waived', lead, html`${checks.length > 0 && waivers(report, checks)}${unneeded}`);
}

function waivers(report: Report, checks: readonly CheckVerdict[]): Markup {
  const columns = ['Check', 'Without the waiver', 'Reason', 'Owner', 'Until'].map((title) => ({ title }));
  const body = checks.map((check) => [
    html`${id(check.id)}<span class="under">${check.claim}</span>`,
    badge(check.without ?? 'waived'),
    check.waiver?.reason ?? '',
    html`<span class="whole">${check.waiver?.owner ?? ''}</span>`,
    until(report, check),
  ]);
  return table(columns, body);
}

function until(report: Report, { waiver }: CheckVerdict): Markup | string {
  if (waiver === undefined) return '';
  const left = rows.daysLeft(report, waiver.until);
  return left === null
    ? waiver.until
    : html`${waiver.until} <span class="soft">(${plural(left, 'day')} after this run)</span>`;
}

export function notVerified(report: Report): Markup {
  const missing = [...rows.missingAccess(report)];
  if (missing.length === 0) return nothing;
  const lead = 'What is missing, and which checks it would let us look at.';
  const body = missing.map(([need, checks]) => [html`<code>${need}</code>`, ids(checks)]);
  return section('not-verified', 'Not verified', lead, table([{ title: 'Needs' }, { title: 'Checks' }], body));
}

const ids = (checks: readonly CheckVerdict[]): Markup =>
  html`${checks.map((check, index) => html`${index > 0 && ', '}<code>${check.id}</code>${check.status === 'waived' && ' (waived)'}`)}`;

export function excluded(report: Report): Markup {
  const checks = rows.withStatus(report, 'excluded');
  if (checks.length === 0) return nothing;
  const lead = 'The environment file says these parts do not exist, so nobody looked.';
  const body = checks.map((check) => [id(check.id), check.claim, rows.whyOf(check)]);
  return section('excluded', 'Excluded', lead, table([{ title: 'Check' }, { title: 'Claim' }, { title: 'Why' }], body));
}

export function findings({ findings: all }: Report): Markup {
  if (all.length === 0) return nothing;
  const columns = ['Severity', 'Check', 'Where', 'What', 'To see it', 'Fix'].map((title) => ({ title }));
  const body = all.map((one) => [
    html`<b>${one.severity}</b>`,
    id(one.check),
    one.where,
    html`${one.what}${one.asvs && one.asvs.length > 0 && html` <span class="soft">ASVS ${one.asvs.join(', ')}</span>`}`,
    one.reproduce === undefined
      ? '–'
      : one.reproduce.includes('\n')
        ? html`<details><summary>script</summary><pre>${one.reproduce}</pre></details>`
        : html`<code>${one.reproduce}</code>`,
    one.fix ?? '–',
  ]);
  return section('findings', 'Findings', `${plural(all.length, 'finding')}.`, table(columns, body));
}

export function ours(report: Report): Markup {
  const all = oursTogether(report);
  if (all.length === 0) return nothing;
  const columns = ['What', 'When', 'Concerns', 'Detail', 'Spoils the evidence'].map((title) => ({ title }));
  const body = all.map((one) => [
    one.what,
    one.when,
    one.check === undefined ? 'the whole run' : id(one.check),
    one.detail,
    one.spoils ? 'yes' : 'no',
  ]);
  return section('ours', 'About the harness itself', 'What happened on our side during the run.', table(columns, body));
}

export function residue(report: Report): Markup {
  const all = residueTogether(report);
  if (all.length === 0) return nothing;
  const body = all.map((one) => [one.what, html`<code>${one.ids}</code>`, one.why]);
  const columns = ['What', 'Id', 'Why it is still there'].map((title) => ({ title }));
  return section('residue', 'Left behind', 'Made by this run and not removed; somebody should.', table(columns, body));
}

export function notes({ notes: all }: Report): Markup {
  if (all.length === 0) return nothing;
  const body = all.map((one) => [one.what, one.check === undefined ? '–' : id(one.check), one.detail]);
  const columns = ['What', 'Check', 'Detail'].map((title) => ({ title }));
  return section('notes', 'Notes', 'Facts that nothing is judged by.', table(columns, body));
}

export function colophon(report: Report): Markup {
  const present = rows.counted(report).map(([status]) => status);
  return html`<footer><p>${present.map((status) => html`${sign[status]} ${word(status)}: ${meaning[status]}. `)}</p>
<p>Every figure comes from <code>run.ndjson</code> of run <code>${report.run}</code>; <code>shakedown judge</code> reads the same from it again, or judges it by another profile.</p></footer>`;
}
