import { inflateSync } from 'node:zlib';

/** Pixels of a picture, row by row from the top; each is `channels` bytes that begin with red, green and blue. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Buffer;
}

/** A screenshot as browsers give it: PNG (ISO/IEC 15948) of eight bits a channel, not interlaced. Throws on any other. */
export function pixelsOf(png: Buffer): Pixels {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, colour, interlaced] = [png[24], png[25], png[28]];
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlaced !== 0)
    throw new Error(`a picture of another kind: depth ${depth}, colour ${colour}, interlace ${interlaced}`);
  const channels = colour === 6 ? 4 : 3;
  const filtered = inflateSync(Buffer.concat([...dataIn(png)]));
  return { width, height, channels, data: unfiltered(filtered, { stride: width * channels, height, channels }) };
}

function* dataIn(png: Buffer): Generator<Buffer> {
  for (let at = 8; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') yield png.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
}

interface Shape {
  readonly stride: number;
  readonly height: number;
  readonly channels: number;
}

/** Each row says what it was foretold from: nothing, the left, the row above, their mean, or the likeliest of three. */
function unfiltered(filtered: Buffer, { stride, height, channels }: Shape): Buffer {
  const data = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1);
    const foretell = foretelling[filtered[from]!];
    if (foretell === undefined) throw new Error(`a picture with filter ${filtered[from]}`);
    for (let i = 0; i < stride; i++) {
      const at = row * stride + i;
      const left = i < channels ? 0 : data[at - channels]!;
      const up = row === 0 ? 0 : data[at - stride]!;
      const corner = i < channels || row === 0 ? 0 : data[at - stride - channels]!;
      data[at] = filtered[from + 1 + i]! + foretell(left, up, corner);
    }
  }
  return data;
}

const foretelling: readonly ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
