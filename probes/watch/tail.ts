import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** More than this is not read at one look: a service that floods its log shall not flood us. */
const mostBytes = 1 << 20;
const mostLine = 4_000;

export interface Tailed {
  readonly lines: readonly string[];
  /** Bytes that were written and not read, because they were too many. */
  readonly skipped: number;
  /** Of the whole file. */
  readonly bytes: number;
}

/** What was appended to a file since the last look, whole lines only; what stood there before the first look is not ours. */
export class Tail {
  readonly #path: string;
  #inode = -1;
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error of the file system, when it cannot be read. */
  read(): Tailed {
    const descriptor = openSync(this.#path, 'r');
    try {
      const { ino, size } = fstatSync(descriptor);
      if (this.#inode === -1) this.#offset = size;
      // Another file under the same name, or the same cut short: it is read from its beginning.
      else if (ino !== this.#inode || size < this.#offset) this.#begin();
      this.#inode = ino;
      return this.#readFrom(descriptor, size);
    } finally {
      closeSync(descriptor);
    }
  }

  #begin(): void {
    this.#offset = 0;
    this.#rest = '';
  }

  #readFrom(descriptor: number, size: number): Tailed {
    const skipped = Math.max(0, size - this.#offset - mostBytes);
    if (skipped > 0) {
      this.#offset += skipped;
      this.#rest = '';
    }
    const bytes = Buffer.alloc(Math.min(mostBytes, size - this.#offset));
    const got = readSync(descriptor, bytes, 0, bytes.length, this.#offset);
    this.#offset += got;
    const lines = (this.#rest + bytes.toString('utf8', 0, got)).split('\n');
    this.#rest = lines.pop()!.slice(-mostLine);
    return { lines: lines.map((line) => line.slice(0, mostLine)), skipped, bytes: size };
  }
}
