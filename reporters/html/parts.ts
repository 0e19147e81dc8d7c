import type { AssertionVerdict, CheckVerdict, Status } from '../../verdict/types.ts';
import { unsaidNeed } from '../rows.ts';
import { sign, word } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** The small pieces that every section is put together from. */

export const badge = (status: Status): Markup =>
  html`<span class="status ${status}"><i aria-hidden="true">${sign[status]}</i>${word(status)}</span>`;

export const id = (check: string): Markup =>
  html`<code class="id">${check.split('.').map((part, index) => html`${index > 0 && html`.<wbr>`}${part}`)}</code>`;

export const section = (anchor: string, title: string, lead: string | Markup, body: Markup): Markup =>
  html`<section aria-labelledby="${anchor}"><h2 id="${anchor}">${title}</h2><p class="lead">${lead}</p>${body}</section>`;

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly numeric?: true;
}

/** The first cell of each row is its header; a narrow screen shows the column's title beside each cell instead. */
export const table = (columns: readonly Column[], body: readonly (readonly (Markup | string)[])[]): Markup =>
  html`<table><thead><tr>${columns.map(({ title, numeric }) => html`<th scope="col"${numeric && html` class="n"`}>${title}</th>`)}</tr></thead><tbody>${body.map(
    (cells) => html`<tr>${cells.map((cell, index) => cellOf(cell, columns[index]!, index))}</tr>
`,
  )}</tbody></table>`;

const cellOf = (cell: Markup | string, { title, numeric }: Column, index: number): Markup =>
  index === 0
    ? html`<th scope="row">${cell}</th>`
    : html`<td data-l="${title}"${numeric && html` class="n"`}>${cell}</td>`;

export const expiredWaiver = ({ waiver }: CheckVerdict): Markup | false =>
  waiver?.expired === true &&
  html`<p>The waiver of ${waiver.owner} expired on ${waiver.until} and counts for nothing: ${waiver.reason}</p>`;

export function needs(row: AssertionVerdict): Markup | false {
  const need = unsaidNeed(row);
  return need !== undefined && html` (needs <code>${need}</code>)`;
}
