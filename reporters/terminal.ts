import { styleText } from 'node:util';
import stringWidth from 'string-width';
import type { Status } from '../verdict/types.ts';
import { asciiSign, clean, sign, word } from './words.ts';

/** Text for a grid of characters: wrapped by what it covers on the screen, coloured last, foreign text made harmless first. */

export interface Pen {
  readonly width: number;
  /** Words as they may be shown here: no control characters, and only ASCII where nothing else can be shown. */
  text(foreign: string): string;
  sign(status: Status): string;
  /** `✓ pass`, in the colour of the status. */
  badge(status: Status): string;
  tone(status: Status, text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  rule(): string;
}

export interface PenOptions {
  readonly colour: boolean;
  readonly width: number;
  readonly ascii?: boolean;
}

type Format = Parameters<typeof styleText>[0];

const tones: Readonly<Record<Status, Format>> = {
  fail: 'red',
  invalid: 'magenta',
  undecided: 'yellow',
  'not-verified': 'cyan',
  pass: 'green',
  waived: 'reset',
  excluded: 'reset',
  shown: 'reset',
};

export function pen({ colour, width, ascii = false }: PenOptions): Pen {
  const paint = (format: Format, text: string) =>
    colour && format !== 'reset' ? styleText(format, text, { validateStream: false }) : text;
  const signs = ascii ? asciiSign : sign;
  return {
    width: Math.max(width, 20),
    text: (foreign) => (ascii ? toAscii(clean(foreign)) : clean(foreign)),
    sign: (status) => signs[status],
    badge: (status) => paint(tones[status], `${signs[status]} ${word(status)}`),
    tone: (status, text) => paint(tones[status], text),
    bold: (text) => paint('bold', text),
    dim: (text) => paint('dim', text),
    rule: () => paint('dim', (ascii ? '-' : '─').repeat(Math.max(width, 20))),
  };
}

const plain: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '·': '-',
  '…': '...',
  '≥': '>=',
  '≤': '<=',
  '’': "'",
  '×': 'x',
  µ: 'u',
};

const toAscii = (text: string): string =>
  text.replaceAll(/[^ -~]/gu, (character) => plain[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** Breaks at spaces, but not at those inside a number, and inside a word only when it is wider than the line. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.split(/(?<!\d) | (?!\d{3}(?!\d))/).flatMap((whole) => pieces(whole, width))) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = piece;
    } else line = longer;
  }
  return [...lines, line];
}

function pieces(whole: string, width: number): readonly string[] {
  if (stringWidth(whole) <= width) return [whole];
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(whole)) {
    if (part !== '' && stringWidth(part + segment) > width) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cut to a width, with an ellipsis to show it. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (stringWidth(text) <= width) return text;
  return `${pieces(text, Math.max(1, width - stringWidth(ellipsis)))[0]}${ellipsis}`;
}

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** A label, and beside it text that wraps under itself. */
export const hanging = (label: string, text: string, indent: number, width: number): readonly string[] =>
  wrap(text, Math.max(10, width - indent)).map(
    (line, index) => (index === 0 ? pad(label, indent) : ' '.repeat(indent)) + line,
  );

export interface Cell {
  readonly text: string;
  /** Applied after the layout, so that colour takes no room. */
  readonly paint?: (text: string) => string;
}

/** Columns as wide as they need; when they do not fit, the widest gives way and wraps. */
export function columns(body: readonly (readonly Cell[])[], width: number, gap = 2): readonly string[] {
  const widths = fitted(body, width - gap * ((body[0]?.length ?? 1) - 1));
  return body.flatMap((cells) => {
    const wrapped = cells.map((cell, index) => wrap(cell.text, widths[index]!));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, index) => painted(cell, pad(wrapped[index]![line] ?? '', widths[index]!)))
        .join(' '.repeat(gap))
        .trimEnd(),
    );
  });
}

const painted = (cell: Cell, text: string): string =>
  cell.paint === undefined || text.trim() === '' ? text : cell.paint(text);

function fitted(body: readonly (readonly Cell[])[], room: number): readonly number[] {
  const widths = (body[0] ?? []).map((_, index) => Math.max(...body.map((cells) => stringWidth(cells[index]!.text))));
  while (widths.reduce((total, one) => total + one, 0) > room && Math.max(...widths) > 6)
    widths[widths.indexOf(Math.max(...widths))]! -= 1;
  return widths;
}
