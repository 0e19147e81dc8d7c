/**
 * Reads a QR code after ISO/IEC 18004 from a picture that was drawn and not photographed: upright, whole, without noise.
 * Up to version 20, which holds more than any address of a second factor has. Nothing is corrected, as nothing is damaged.
 */
export interface Picture {
  readonly width: number;
  /** Row by row: is this pixel dark? */
  readonly dark: readonly boolean[];
}

/** The text of it; null when this is no QR code that can be read. */
export function readQr(picture: Picture): string | null {
  const grid = gridOf(picture);
  const format = grid && formatOf(grid);
  if (!grid || !format) return null;
  const codewords = dataOf(codewordsOf(grid, format.mask), versionOf(grid), format.level);
  return codewords && textOf(codewords, versionOf(grid));
}

interface Grid {
  readonly size: number;
  at(x: number, y: number): boolean;
}

const versionOf = ({ size }: Grid): number => (size - 17) / 4;
const mostVersion = 20;

/** Three corners of a symbol are dark, so it reaches as far as there is anything dark; the first corner is seven modules wide. */
function gridOf({ width, dark }: Picture): Grid | null {
  const marked = dark.flatMap((on, i) => (on ? [i] : []));
  if (marked.length === 0) return null;
  const rows = marked.map((i) => Math.floor(i / width));
  const [top, bottom] = [rows[0]!, rows.at(-1)!];
  let [left, right] = [width, 0];
  for (const i of marked) [left, right] = [Math.min(left, i % width), Math.max(right, i % width)];
  let corner = 0;
  while (left + corner < width && dark[top * width + left + corner]) corner++;
  const module = corner / 7;
  // Sizes are four modules apart, so pixels that were rounded do no harm.
  const sizeOf = (pixels: number): number => 17 + 4 * Math.round((pixels / module - 17) / 4);
  const size = sizeOf(right - left + 1);
  if (size !== sizeOf(bottom - top + 1) || size < 21 || size > 17 + 4 * mostVersion) return null;
  const step = (right - left + 1) / size;
  const middle = (from: number, i: number): number => Math.floor(from + (i + 0.5) * step);
  return { size, at: (x, y) => dark[middle(top, y) * width + middle(left, x)] ?? false };
}

/** Index into the tables below, by the two bits the symbol has for it. */
const levels = { 1: 'L', 0: 'M', 3: 'Q', 2: 'H' } as const;
type Level = (typeof levels)[keyof typeof levels];

function formatOf(grid: Grid): { readonly level: Level; readonly mask: number } | null {
  // From the cell at the left, around the first corner, to the one above.
  const row = [0, 1, 2, 3, 4, 5, 7].map((x) => grid.at(x, 8));
  const column = [8, 7, 5, 4, 3, 2, 1, 0].map((y) => grid.at(8, y));
  const format = numberOf([...row, ...column]) ^ 0x5412;
  if (remainder(format, 0x537, 10) !== 0) return null;
  return { level: levels[(format >> 13) as 0 | 1 | 2 | 3], mask: (format >> 10) & 7 };
}

const numberOf = (bits: readonly boolean[]): number => bits.reduce((sum, bit) => sum * 2 + Number(bit), 0);

function remainder(value: number, by: number, degree: number): number {
  let rest = value;
  for (let bit = 14; bit >= degree; bit--) if (rest & (1 << bit)) rest ^= by << (bit - degree);
  return rest;
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Two columns at a time from the right, up and down in turn, past all that is no data. */
function codewordsOf(grid: Grid, mask: number): number[] {
  const { size } = grid;
  const bits: boolean[] = [];
  const isFixed = fixedIn(size);
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up)
    for (let i = 0; i < size; i++)
      for (const x of [right, right - 1]) {
        const y = up ? size - 1 - i : i;
        if (!isFixed(x, y)) bits.push(grid.at(x, y) !== masks[mask]!(x, y));
      }
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, i) => numberOf(bits.slice(8 * i, 8 * i + 8)));
}

/** Which cells carry no data: corners with the format beside them, timing, alignment, version. */
function fixedIn(size: number): (x: number, y: number) => boolean {
  const version = (size - 17) / 4;
  const marks = alignmentsOf(version);
  const last = marks.at(-1);
  const isMark = (x: number, y: number): boolean =>
    marks.some((cx) =>
      marks.some((cy) => {
        const inCorner = (cx === 6 && cy === 6) || (cx === 6 && cy === last) || (cx === last && cy === 6);
        return !inCorner && Math.abs(x - cx) <= 2 && Math.abs(y - cy) <= 2;
      }),
    );
  const isCorner = (x: number, y: number): boolean => (x < 9 && (y < 9 || y > size - 9)) || (x > size - 9 && y < 9);
  const isVersion = (x: number, y: number): boolean =>
    version >= 7 && ((x < 6 && y > size - 12) || (y < 6 && x > size - 12));
  return (x, y) => x === 6 || y === 6 || isCorner(x, y) || isVersion(x, y) || isMark(x, y);
}

/** Centres of the alignment patterns, evenly spread from the far edge inwards. */
function alignmentsOf(version: number): readonly number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
  const rest = Array.from({ length: count - 1 }, (_, i) => 4 * version + 10 - i * step).reverse();
  return [6, ...rest];
}

/** ISO/IEC 18004, table 9: correction codewords a block, by version from 1. */
const correction: Readonly<Record<Level, readonly number[]>> = {
  L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28],
  M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26],
  Q: [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30],
  H: [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28],
};

/** The same table: blocks. */
const blocks: Readonly<Record<Level, readonly number[]>> = {
  L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8],
  M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16],
  Q: [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20],
  H: [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25],
};

/** The blocks lie in the symbol interleaved, byte by byte, the longer ones last; what follows them is correction. */
function dataOf(all: readonly number[], version: number, level: Level): number[] | null {
  const [count, each] = [blocks[level][version - 1], correction[level][version - 1]];
  if (count === undefined || each === undefined) return null;
  const total = all.length - count * each;
  const short = Math.floor(total / count);
  const longOnes = total % count;
  const found = Array.from({ length: count }, () => [] as number[]);
  for (let i = 0, at = 0; i <= short; i++)
    for (let block = 0; block < count; block++)
      if (i < short || block >= count - longOnes) found[block]!.push(all[at++]!);
  return found.flat();
}

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Segments of digits, of capitals, and of bytes, until the end is said. */
function textOf(codewords: readonly number[], version: number): string | null {
  const bits = codewords.flatMap((word) => Array.from({ length: 8 }, (_, i) => ((word >> (7 - i)) & 1) === 1));
  let at = 0;
  const take = (count: number): number => {
    at += count;
    return numberOf(bits.slice(at - count, at));
  };
  const wide = version >= 10;
  const bytes: number[] = [];
  const say = (text: string): void => void bytes.push(...Buffer.from(text, 'latin1'));
  while (at + 4 <= bits.length) {
    const mode = take(4);
    if (mode === 0) break;
    if (mode === 7) take(8);
    else if (mode === 4) for (let left = take(wide ? 16 : 8); left > 0; left--) bytes.push(take(8));
    else if (mode === 2) say(capitals(take, take(wide ? 11 : 9)));
    else if (mode === 1) say(digits(take, take(wide ? 12 : 10)));
    else return null;
  }
  return Buffer.from(bytes).toString('utf8');
}

type Take = (bits: number) => number;

function capitals(take: Take, length: number): string {
  let text = '';
  for (; text.length + 1 < length; ) {
    const pair = take(11);
    text += `${alphanumeric[Math.floor(pair / 45)]}${alphanumeric[pair % 45]}`;
  }
  return text.length < length ? text + alphanumeric[take(6)] : text;
}

function digits(take: Take, length: number): string {
  let text = '';
  for (; text.length < length; ) {
    const count = Math.min(3, length - text.length);
    text += String(take([0, 4, 7, 10][count]!)).padStart(count, '0');
  }
  return text;
}
