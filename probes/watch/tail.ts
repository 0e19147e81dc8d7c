import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as breath } from 'node:timers/promises';
import { latestOf, namesIn, nextOf } from './successors.ts';

/** Read at once; between two of these others have their turn, so that nothing that is timed waits for a log. */
const chunkBytes = 1 << 20;
/** More than this is not read at one look: a service that floods its log shall not flood us. */
const mostBytes = 64 << 20;
/** A line of JSON is only one when it is whole. */
export const mostLine = 1 << 16;
/** By these the copy of a file that was cut short is known again. */
const markBytes = 64;
/** Files that another has taken the place of, and that are looked into still: their writers may not know, or be others. */
const mostLeft = 4;

export interface Tailed {
  /** Why something that was written was not read; one sentence each. */
  readonly lost: readonly string[];
  /** Of the whole file. */
  readonly bytes: number;
}

type Take = (lines: readonly string[]) => void;

/**
 * What is appended to a file from the moment this is made, whole lines only; what stood there before is not ours. A file
 * that is renamed and replaced, or that another one follows, is read to its end first and looked into as long as it exists.
 */
export class Tail {
  #path: string;
  readonly #mostBytes: number;
  #current: Piece | null = null;
  #left: Piece[] = [];
  /** Nothing was there at first: a file that comes is new from its beginning. */
  #fromStart: boolean;
  readonly #known: ReadonlySet<string>;

  /** `others`: paths that are read for themselves, and so are no successors of this one. */
  constructor(path: string, most = mostBytes, others: readonly string[] = []) {
    this.#path = latestOf(path);
    const beside = others.filter((other) => dirname(other) === dirname(path)).map((other) => basename(other));
    this.#known = new Set([...namesIn(dirname(path)), ...beside]);
    this.#mostBytes = most;
    const { piece, code } = opened(this.#path);
    this.#current = piece;
    piece?.skipAll();
    this.#fromStart = piece !== null || code === 'ENOENT';
  }

  /** What stood in the file when this was made, its last `bytes`; empty when there was none. */
  before(bytes: number): string {
    return this.#current?.before(bytes) ?? '';
  }

  /** @throws Error of the file system, when it cannot be read. */
  async read(take: Take): Promise<Tailed> {
    const lost: string[] = [];
    const read = async (piece: Piece | null, copy = `${this.#path}.1`) => {
      if (piece) lost.push(...(await piece.read(take, this.#mostBytes, copy)));
    };
    await this.#readLeft(take, (piece) => read(piece, ''));
    await read(this.#current);
    while (this.#follow()) await read(this.#current);
    while (this.#left.length > mostLeft) this.#left.shift()!.end(take);
    return { lost, bytes: this.#current?.bytes ?? 0 };
  }

  close(): void {
    for (const piece of this.#left) piece.close();
    this.#current?.close();
    this.#left = [];
    this.#current = null;
  }

  /** What is deleted is read once more and let go: it shall not stay on the disk for us. */
  async #readLeft(take: Take, read: (piece: Piece) => Promise<void>): Promise<void> {
    for (const piece of this.#left) {
      const offset = piece.offset;
      await read(piece);
      if (piece.isDeleted) piece.end(take);
      else if (piece.offset === offset) piece.endLine(take);
    }
    this.#left = this.#left.filter((piece) => !piece.isEnded);
  }

  /** Opens whatever has the name now; true when that is another file. */
  #follow(): boolean {
    const path = nextOf(latestOf(this.#path), this.#known);
    if (path !== this.#path) this.#fromStart = true;
    this.#path = path;
    const { ino, dev } = statSync(this.#path);
    if (this.#current?.is(ino, dev)) return false;
    const { piece, error } = opened(this.#path);
    if (!piece) throw error;
    if (this.#current) this.#left.push(this.#current);
    this.#current = piece;
    if (!this.#fromStart) piece.skipAll();
    this.#fromStart = true;
    return true;
  }
}

/** One file, by its descriptor: it stays the same whatever its name becomes. */
class Piece {
  readonly #descriptor: number;
  readonly #id: string;
  #offset = 0;
  #isEnded = false;
  #mark: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #rest = '';
  #decoder = new StringDecoder('utf8');

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const { ino, dev } = fstatSync(descriptor);
    this.#id = `${dev}:${ino}`;
  }

  get bytes(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** Up to here it was read. */
  get offset(): number {
    return this.#offset;
  }

  get isDeleted(): boolean {
    return fstatSync(this.#descriptor).nlink === 0;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  is(ino: number, dev: number): boolean {
    return this.#id === `${dev}:${ino}`;
  }

  skipAll(): void {
    this.#goTo(this.bytes);
  }

  before(bytes: number): string {
    return this.#at(Math.max(0, this.#offset - bytes), Math.min(bytes, this.#offset)).toString('utf8');
  }

  close(): void {
    this.#isEnded = true;
    closeSync(this.#descriptor);
  }

  end(take: Take): void {
    this.endLine(take);
    this.close();
  }

  /** Nobody seems to write to it any more: a last line without an end is one as well. */
  endLine(take: Take): void {
    if (this.#rest !== '') take([this.#rest]);
    this.#rest = '';
  }

  /** Answers what could not be read. `copy`: where a file that is cut short is copied to before. */
  async read(take: Take, most: number, copy: string): Promise<readonly string[]> {
    const lost: string[] = [];
    if (this.bytes < this.#offset) {
      if (!(await this.#readCopy(take, most, copy))) lost.push('it was cut short, and what was written before is gone');
      this.#goTo(0);
    }
    const skipped = this.bytes - this.#offset - most;
    if (skipped > 0) {
      this.#goTo(this.#offset + skipped);
      lost.push(`${skipped} bytes at once were too many to read`);
    }
    await this.#readOn(take, this.bytes);
    return lost;
  }

  async #readOn(take: Take, until: number): Promise<void> {
    while (this.#offset < until) {
      const bytes = this.#at(this.#offset, Math.min(chunkBytes, until - this.#offset));
      if (bytes.length === 0) return;
      this.#offset += bytes.length;
      this.#mark = Buffer.concat([this.#mark, bytes.subarray(-markBytes)]).subarray(-markBytes);
      const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
      this.#rest = lines.pop()!.slice(0, mostLine);
      take(lines.map((line) => line.slice(0, mostLine)));
      await breath();
    }
  }

  /** The copy holds what came since the last look, if it is one of this file: then it is read from there. */
  async #readCopy(take: Take, most: number, path: string): Promise<boolean> {
    const { piece } = opened(path);
    if (!piece) return false;
    try {
      const mark = piece.#at(this.#offset - this.#mark.length, this.#mark.length);
      if (this.#mark.length === 0 || !mark.equals(this.#mark)) return false;
      piece.#goTo(this.#offset);
      piece.#rest = this.#rest;
      return (await piece.read(take, most, '')).length === 0;
    } finally {
      piece.close();
    }
  }

  #goTo(offset: number): void {
    this.#offset = offset;
    this.#mark = this.#at(Math.max(0, offset - markBytes), Math.min(markBytes, offset));
    this.#rest = '';
    this.#decoder = new StringDecoder('utf8');
  }

  #at(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, length));
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, bytes.length, Math.max(0, offset)));
  }
}

function opened(path: string): { readonly piece: Piece | null; readonly code?: string; readonly error?: unknown } {
  try {
    return { piece: new Piece(openSync(path, 'r')) };
  } catch (error) {
    return { piece: null, code: (error as NodeJS.ErrnoException).code ?? 'unknown', error };
  }
}
