import { describe, expect, test } from 'vitest';
import { qrCode } from '../../reference/services/api/qr-code.ts';

/** The modules drawn, row by row, from the picture itself. */
function modules(dataUrl: string): boolean[][] {
  const svg = Buffer.from(dataUrl.split(',')[1]!, 'base64').toString();
  const size = Number(/viewBox="-4 -4 (\d+)/.exec(svg)![1]) - 8;
  const rows = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) rows[Number(y)]![Number(x)] = true;
  return rows;
}

/** A reader of its own: level and mask from the format bits, then the codewords in their order, blocks put back together. */
function read(rows: boolean[][]): string {
  const size = rows.length;
  const version = (size - 17) / 4;
  const [each, blocks] = levelL[version - 1]!;
  const words = codewords(rows, version);
  const data = words.length - each * blocks;
  const shortest = Math.floor(data / blocks);
  const parts = Array.from({ length: blocks }, () => [] as number[]);
  for (let at = 0, column = 0; at < data; column++)
    for (let block = 0; block < blocks && at < data; block++)
      if (column < shortest || block >= blocks - (data % blocks)) parts[block]!.push(words[at++]!);
  for (const [block, part] of parts.entries()) {
    const check = words.slice(data).filter((_, at) => at % blocks === block);
    expect(syndromes([...part, ...check], each)).toEqual(new Array(each).fill(0));
  }
  const bits = parts
    .flat()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const width = version < 10 ? 8 : 16;
  const length = Number.parseInt(bits.slice(4, 4 + width), 2);
  expect(bits.slice(0, 4)).toBe('0100');
  const bytes = Array.from({ length }, (_, at) =>
    Number.parseInt(bits.slice(4 + width + 8 * at, 12 + width + 8 * at), 2),
  );
  return Buffer.from(bytes).toString('utf8');
}

/** From the table of the standard, level L: correction bytes a block, blocks. */
const levelL = [[7, 1], [10, 1], [15, 1], [20, 1], [26, 1], [18, 2], [20, 2], [24, 2], [30, 2], [18, 4]] as const; // biome-ignore format: a table

/** From the table of the standard: where alignment patterns have their centres. */
const centres: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
];

function codewords(rows: boolean[][], version: number): number[] {
  const size = rows.length;
  const mine = (x: number, y: number) =>
    !(x === 6 || y === 6) &&
    !(x < 9 && y < 9) &&
    !(x >= size - 8 && y < 9) &&
    !(x < 9 && y >= size - 8) &&
    !(version >= 7 && ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6))) &&
    !aligned(x, y, version, size);
  const bits: number[] = [];
  let up = true;
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = up ? size - 1 - step : step;
        if (mine(x, y)) bits.push(Number(rows[y]![x] !== ((x + y) % 2 === 0)));
      }
  }
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, at) =>
    Number.parseInt(bits.slice(8 * at, 8 * at + 8).join(''), 2),
  );
}

function aligned(x: number, y: number, version: number, size: number): boolean {
  const places = centres[version - 1]!;
  const corner = (a: number, b: number) => (a === 6 && (b === 6 || b === size - 7)) || (a === size - 7 && b === 6);
  return places.some((a) => places.some((b) => !corner(a, b) && Math.abs(x - a) <= 2 && Math.abs(y - b) <= 2));
}

const powers = Array.from({ length: 255 }).reduce<number[]>((made) => [...made, next(made.at(-1)!)], [1]);
function next(value: number): number {
  return value >= 128 ? (value * 2) ^ 0x11d : value * 2;
}
const product = (a: number, b: number) =>
  a === 0 || b === 0 ? 0 : powers[(powers.indexOf(a) + powers.indexOf(b)) % 255]!;
const syndromes = (block: readonly number[], count: number) =>
  Array.from({ length: count }, (_, at) => block.reduce((sum, byte) => product(sum, powers[at]!) ^ byte, 0));

describe('a QR code', () => {
  test.each([1, 17, 18, 60, 106, 107, 134, 155, 192, 230, 240, 271])(
    'of %i characters reads as what was written',
    (length) => {
      const text =
        'otpauth://totp/Platform:someone%40example.com?issuer=Platform&secret=ABCDEFGH234567&algorithm=SHA1&digits=6&period=30'
          .repeat(3)
          .slice(0, length);
      expect(read(modules(qrCode(text)))).toBe(text);
    },
  );

  test('says level L and mask 0 in its format, with the bits of the standard', () => {
    const rows = modules(qrCode('hello'));
    const column = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => rows[y]![8]);
    const row = [7, 5, 4, 3, 2, 1, 0].map((x) => rows[8]![x]);
    const bits = [...column, ...row].map(Number).reverse().join('');
    expect(bits).toBe('111011111000100');
  });

  test('is refused for more than it can hold', () => {
    expect(() => qrCode('x'.repeat(426))).toThrow(/426 bytes are too many/);
  });
});
