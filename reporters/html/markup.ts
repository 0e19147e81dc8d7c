import { clean, shorten } from '../words.ts';

/** Text that is already HTML. Only the tag below makes it, so whatever came from a deployment has been escaped. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | undefined | false | readonly Part[];

/** Everything that is put in is escaped, unless it is markup itself. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.map((literal, index) => (index === 0 ? literal : written(parts[index - 1]) + literal)).join(''),
});

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return isList(part) ? part.map(written).join('') : part.markup;
}

const isList = (part: Markup | readonly Part[]): part is readonly Part[] => Array.isArray(part);

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Long enough for any sentence of ours; a page that somebody signs must not be drowned by one answer of a deployment. */
const longest = 600;

const escaped = (text: string): string =>
  shorten(clean(text), longest).replaceAll(/[&<>"']/g, (character) => entities[character]!);

/** Style and script of our own, written by hand in this repository. */
export const trusted = (markup: string): Markup => ({ markup });
