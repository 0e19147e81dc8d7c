/**
 * A QR code of a text as a data URL, after ISO/IEC 18004: byte mode, correction level L, up to version 13 (425 bytes).
 * Of the eight masks any is readable; the first one is taken.
 */
export function qrCode(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const version = smallest(bytes.length);
  const size = 17 + 4 * version;
  const grid = new Grid(size);
  drawPatterns(grid, version);
  drawCodewords(grid, withCorrection(codewords(bytes, version), version));
  const dark = grid.cells.flatMap((on, at) => (on ? [`M${at % size} ${Math.floor(at / size)}h1v1h-1z`] : []));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 ${size + 8} ${size + 8}" shape-rendering="crispEdges"><path fill="#fff" d="M-4-4h${size + 8}v${size + 8}h-${size + 8}z"/><path d="${dark.join('')}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** By version from 1: correction bytes a block, and blocks. */
const correction: readonly (readonly [number, number])[] = [
  [7, 1], [10, 1], [15, 1], [20, 1], [26, 1], [18, 2], [20, 2], [24, 2], [30, 2], [18, 4], [20, 4], [24, 4], [26, 4],
]; // biome-ignore format: a table

class Grid {
  readonly size: number;
  readonly cells: boolean[];
  /** Cells that carry no data. */
  readonly fixed: boolean[];

  constructor(size: number) {
    this.size = size;
    this.cells = new Array<boolean>(size * size).fill(false);
    this.fixed = new Array<boolean>(size * size).fill(false);
  }

  fix(x: number, y: number, on: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.cells[y * this.size + x] = on;
    this.fixed[y * this.size + x] = true;
  }
}

function smallest(length: number): number {
  const version = correction.findIndex((_, at) => capacity(at + 1) * 8 >= 4 + countBits(at + 1) + 8 * length) + 1;
  if (version === 0) throw new RangeError(`${length} bytes are too many for a QR code of version 13`);
  return version;
}

const countBits = (version: number): number => (version < 10 ? 8 : 16);
const alignments = (version: number): number => (version === 1 ? 0 : Math.floor(version / 7) + 2);

function rawBytes(version: number): number {
  const marks = alignments(version);
  const modules = (16 * version + 128) * version + 64;
  const taken = (marks === 0 ? 0 : (25 * marks - 10) * marks - 55) + (version >= 7 ? 36 : 0);
  return Math.floor((modules - taken) / 8);
}

function capacity(version: number): number {
  const [each, blocks] = correction[version - 1]!;
  return rawBytes(version) - each * blocks;
}

function codewords(bytes: Buffer, version: number): number[] {
  const width = countBits(version);
  const head = `0100${bytes.length.toString(2).padStart(width, '0')}`;
  const bits = `${head}${[...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')}`;
  const ended = bits.padEnd(Math.min(capacity(version) * 8, bits.length + 4), '0');
  const whole = ended.padEnd(Math.ceil(ended.length / 8) * 8, '0');
  const made = (whole.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  for (let at = 0; made.length < capacity(version); at++) made.push(at % 2 === 0 ? 0xec : 0x11);
  return made;
}

/** Cuts the data into blocks, appends to each its Reed-Solomon remainder, and takes bytes of all blocks in turn. */
function withCorrection(data: readonly number[], version: number): number[] {
  const [each, count] = correction[version - 1]!;
  const short = Math.floor(data.length / count);
  const longer = data.length % count;
  const blocks = Array.from({ length: count }, (_, at) => {
    const from = at * short + Math.max(0, at - (count - longer));
    return data.slice(from, from + short + (at >= count - longer ? 1 : 0));
  });
  const divisor = generator(each);
  const remainders = blocks.map((block) => remainder(block, divisor));
  const inTurn = (rows: readonly (readonly number[])[]) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, at) => rows.flatMap((row) => row[at] ?? []));
  return [...inTurn(blocks), ...inTurn(remainders)].flat();
}

/** In the field of 256 elements with the polynomial x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> bit) & 1) * a;
  }
  return product;
}

function generator(degree: number): number[] {
  const made = [...new Array<number>(degree - 1).fill(0), 1];
  for (let step = 0, root = 1; step < degree; step++, root = times(root, 2))
    for (let at = 0; at < degree; at++) made[at] = times(made[at]!, root) ^ (made[at + 1] ?? 0);
  return made;
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const left = new Array<number>(divisor.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ left.shift()!;
    left.push(0);
    for (let at = 0; at < left.length; at++) left[at]! ^= times(divisor[at]!, factor);
  }
  return left;
}

function drawPatterns(grid: Grid, version: number): void {
  const { size } = grid;
  for (let at = 0; at < size; at++) for (const [x, y] of [[6, at], [at, 6]] as const) grid.fix(x, y, at % 2 === 0); // biome-ignore format: both timing lines
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) drawSquare(grid, x, y, 4); // biome-ignore format: the three corners
  const places = alignmentPlaces(version, size);
  const last = places.at(-1);
  for (const x of places)
    for (const y of places) {
      const corner = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);
      if (!corner) drawSquare(grid, x, y, 2);
    }
  drawFormat(grid);
  if (version >= 7) drawVersion(grid, version);
}

function alignmentPlaces(version: number, size: number): number[] {
  const count = alignments(version);
  if (count === 0) return [];
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - step * (count - 2 - at))];
}

/** Rings around a centre: a finder pattern with its margin at radius 4, an alignment pattern at radius 2. */
function drawSquare(grid: Grid, x: number, y: number, radius: number): void {
  for (let dy = -radius; dy <= radius; dy++)
    for (let dx = -radius; dx <= radius; dx++) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      grid.fix(x + dx, y + dy, radius === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
    }
}

/** Level L and mask 0, twice, with their own correction. */
function drawFormat(grid: Grid): void {
  const { size } = grid;
  const level = 1 << 3;
  let rest = level;
  for (let step = 0; step < 10; step++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((level << 10) | rest) ^ 0x5412;
  const bit = (at: number) => ((bits >>> at) & 1) === 1;
  for (let at = 0; at < 15; at++) {
    if (at < 6) grid.fix(8, at, bit(at));
    else if (at < 8) grid.fix(8, at + 1, bit(at));
    else grid.fix(at === 8 ? 7 : 14 - at, 8, bit(at));
    if (at < 8) grid.fix(size - 1 - at, 8, bit(at));
    else grid.fix(8, size - 15 + at, bit(at));
  }
  grid.fix(8, size - 8, true);
}

function drawVersion(grid: Grid, version: number): void {
  let rest = version;
  for (let step = 0; step < 12; step++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let at = 0; at < 18; at++) {
    const [a, b, on] = [grid.size - 11 + (at % 3), Math.floor(at / 3), ((bits >>> at) & 1) === 1];
    grid.fix(a, b, on);
    grid.fix(b, a, on);
  }
}

/** In columns of two from the right, up and down in turn, under the mask of a chessboard. */
function drawCodewords(grid: Grid, data: readonly number[]): void {
  const { size } = grid;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= right === 8 ? 3 : 2)
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        if (grid.fixed[y * size + x]) continue;
        const on = at < data.length * 8 && ((data[at >>> 3]! >>> (7 - (at & 7))) & 1) === 1;
        grid.cells[y * size + x] = on !== ((x + y) % 2 === 0);
        at++;
      }
}
