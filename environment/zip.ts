import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

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

/** A zip archive of these files, each packed; the times are those of the format's beginning, so the same files give the same bytes. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const packed = deflateRawSync(content);
    const facts = factsOf(Buffer.from(name), content, packed);
    const local = Buffer.concat([numbers([0x04034b50, 4]), facts.shared, numbers([0, 2]), facts.name]);
    directory.push(
      Buffer.concat([
        numbers([directoryHeader, 4], [20, 2]),
        facts.shared,
        numbers([0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]),
        facts.name,
      ]),
    );
    parts.push(local, packed);
    at += local.length + packed.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  const end = numbers([endOfDirectory, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [at, 4], [0, 2]);
  return Buffer.concat([...parts, ...directory, end]);
}

/** What the header of a file and its line in the directory have in common: version to the length of the name. */
function factsOf(name: Buffer, content: Buffer, packed: Buffer): { readonly name: Buffer; readonly shared: Buffer } {
  const utf8Names = 0x0800;
  const first1980 = 0x0021;
  const shared = numbers(
    [20, 2],
    [utf8Names, 2],
    [8, 2],
    [0, 2],
    [first1980, 2],
    [crc32(content), 4],
    [packed.length, 4],
    [content.length, 4],
    [name.length, 2],
  );
  return { name, shared };
}

function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of fields) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}
