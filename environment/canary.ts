import { open, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type SecretForm, secretForms, shortestSecret } from './secret-forms.ts';
import { isZip, unzip } from './zip.ts';

export interface Leak {
  /** Relative to the directory; a file inside an archive as `trace.zip!trace.network`. */
  readonly file: string;
  /** In bytes; within an archive from the beginning of the unpacked file. */
  readonly offset: number;
  readonly form: SecretForm['form'];
}

export interface CanarySearch {
  readonly leaks: readonly Leak[];
  readonly filesSearched: number;
  /** How many secrets were too short to be searched for. */
  readonly tooShort: number;
  /** Files that could not be read to the end: nothing is known about them, so they are no better than a leak. */
  readonly unread: readonly { readonly file: string; readonly why: string }[];
}

interface Needle {
  readonly bytes: Buffer;
  readonly secret: number;
  readonly form: SecretForm['form'];
}

/** Searches a whole output directory, archives unpacked, for every form of every secret; the first place of each a file. */
export async function searchCanaries(directory: string, secrets: readonly string[]): Promise<CanarySearch> {
  const needles = secrets.flatMap((secret, index) =>
    secretForms(secret).map(({ form, text }) => ({ bytes: Buffer.from(text), secret: index, form })),
  );
  const search: Search = { needles, leaks: [], unread: [], filesSearched: 0 };
  for (const path of await filesUnder(directory)) await searchFile(search, path, relative(directory, path));
  const { leaks, unread, filesSearched } = search;
  return { leaks, unread, filesSearched, tooShort: secrets.filter(({ length }) => length < shortestSecret).length };
}

interface Search {
  readonly needles: readonly Needle[];
  readonly leaks: Leak[];
  readonly unread: { file: string; why: string }[];
  filesSearched: number;
}

/** Links are not followed: what they point at is not ours or is met by itself. */
async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(nested)).flat().sort();
}

async function searchFile(search: Search, path: string, name: string): Promise<void> {
  search.filesSearched++;
  try {
    if (await isArchive(path)) searchBytes(search, await readFile(path), name, 0);
    else await searchStream(search, path, name);
  } catch (error) {
    search.unread.push({ file: name, why: error instanceof Error ? error.message : String(error) });
  }
}

async function isArchive(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(22), 0, 22, 0);
  return isZip(buffer.subarray(0, bytesRead)) || isGzip(buffer.subarray(0, bytesRead));
}

const isGzip = (bytes: Buffer): boolean => bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

const chunkBytes = 4 * 1024 * 1024;

/** The record of a long soak is larger than memory, so it goes by in pieces that overlap by the longest needle. */
async function searchStream(search: Search, path: string, name: string): Promise<void> {
  await using file = await open(path);
  const overlap = Math.max(0, ...search.needles.map(({ bytes }) => bytes.length - 1));
  const buffer = Buffer.alloc(chunkBytes + overlap);
  const found = new Set<number>();
  for (let at = 0, kept = 0; ; ) {
    const { bytesRead } = await file.read(buffer, kept, chunkBytes, at + kept);
    if (bytesRead === 0) return;
    const filled = kept + bytesRead;
    find(search, buffer.subarray(0, filled), name, at, found);
    kept = Math.min(overlap, filled);
    buffer.copy(buffer, 0, filled - kept, filled);
    at += filled - kept;
  }
}

/** Archives within archives are opened three deep. */
function searchBytes(search: Search, bytes: Buffer, name: string, depth: number): void {
  find(search, bytes, name, 0, new Set());
  if (depth === 3) return;
  if (isGzip(bytes)) searchBytes(search, gunzipSync(bytes), `${name}!`, depth + 1);
  if (!isZip(bytes)) return;
  for (const entry of unzip(bytes)) searchBytes(search, entry.content, `${name}!${entry.name}`, depth + 1);
}

function find(search: Search, bytes: Buffer, file: string, base: number, found: Set<number>): void {
  for (const needle of search.needles) {
    if (found.has(needle.secret)) continue;
    const at = bytes.indexOf(needle.bytes);
    if (at < 0) continue;
    found.add(needle.secret);
    search.leaks.push({ file, offset: base + at, form: needle.form });
  }
}
