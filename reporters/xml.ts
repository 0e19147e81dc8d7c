import { clean } from './words.ts';

/** As much of XML 1.0 as a JUnit file needs; the JUnit builders at hand cannot give `skipped` its message. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly Element[];
  readonly text: string;
}

export const element = (
  name: string,
  attributes: Element['attributes'],
  children: readonly Element[] = [],
  text = '',
): Element => ({ name, attributes, children, text });

export const xml = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}`;

function written({ name, attributes, children, text }: Element, indent: string): string {
  const start = `${indent}<${name}${Object.entries(attributes).map(attribute).join('')}`;
  if (children.length === 0 && text === '') return `${start}/>\n`;
  if (children.length === 0) return `${start}>${text.split('\n').map(escaped).join('\n')}</${name}>\n`;
  return `${start}>\n${children.map((child) => written(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

const attribute = ([name, value]: [string, string | number]): string => ` ${name}="${escaped(String(value))}"`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** XML 1.0 has no way to write most control characters, so they are spelt out as everywhere else; U+FFFE and U+FFFF too. */
const escaped = (text: string): string =>
  clean(text)
    .replaceAll(/[\uFFFE\uFFFF]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replaceAll(/[&<>"']/g, (character) => entities[character]!);
