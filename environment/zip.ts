import { inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
}

export const isZip = (bytes: Buffer): boolean => bytes.length >= 22 && bytes.readUInt32LE(0) === 0x04034b50;

const endOfDirectory = 0x06054b50;
const directoryHeader = 0x02014b50;
// A trace is a few megabytes. Whatever unpacks to more than this is no trace of ours.
const contentLimit = 512 * 1024 * 1024;

/** The files of a zip archive, by its directory (PKWARE APPNOTE 4.3). Throws on what it cannot read to the end. */
export function* unzip(bytes: Buffer): Generator<ZipEntry> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || bytes.readUInt32LE(end) !== endOfDirectory) throw new Error('not a whole zip archive');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new Error('a zip64 archive');
  for (let index = 0; index < count; index++) {
    if (bytes.readUInt32LE(at) !== directoryHeader) throw new Error('not a whole zip archive');
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const [nameLength, extraLength, commentLength] = lengths as [number, number, number];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    yield { name, content: contentOf(bytes, at) };
    at += 46 + nameLength + extraLength + commentLength;
  }
}

function contentOf(bytes: Buffer, header: number): Buffer {
  const method = bytes.readUInt16LE(header + 10);
  const size = bytes.readUInt32LE(header + 20);
  const local = bytes.readUInt32LE(header + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (start + size > bytes.length) throw new Error('not a whole zip archive');
  const packed = bytes.subarray(start, start + size);
  if (method === 0) return packed;
  if (method === 8) return inflateRawSync(packed, { maxOutputLength: contentLimit });
  throw new Error(`zip compression method ${method}`);
}
