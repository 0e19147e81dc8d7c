/** The lines our k6 writes, one JSON object each; see `tools/k6/window.go` and `writer.go`. */
export interface WindowLine {
  readonly kind: 'window';
  readonly stream: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly histogram?: string;
  readonly sentHistogram?: string;
  readonly good?: number;
  readonly lost?: Readonly<Record<string, number>>;
  readonly unsent?: number;
  readonly late?: { readonly p99Ms: number; readonly maxMs: number };
}

export interface TickLine {
  readonly kind: 'tick' | 'end';
  readonly why?: string;
  readonly atMs: number;
  readonly wallMs: number;
  /** Counted when they ended, over every stream. */
  readonly good: number;
  readonly lost: number;
  readonly unsent: number;
  readonly started: number;
  readonly finished: number;
  readonly unfinished: number;
  readonly cut: number;
  readonly dropped: number;
  readonly iterations: number;
  readonly active: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
  /** How late a goroutine woke that only wanted to wake every 10 ms, and how many users were there. */
  readonly beat: {
    readonly maxMs: number;
    readonly sumMs: number;
    readonly beats: number;
    readonly usersMean?: number;
    readonly usersMin?: number;
  };
  readonly refused?: Readonly<Record<string, number>>;
}

export interface FactLine {
  readonly kind: 'fact';
  readonly name: string;
  readonly detail: string;
  readonly atMs: number;
}

export interface HelloLine {
  readonly kind: 'hello';
  readonly atMs: number;
  readonly pid: number;
}

export type K6Line = WindowLine | TickLine | FactLine | HelloLine;

/** Splits a stream of bytes into lines; a torn last line is never handed on. */
export function lineSplitter(take: (line: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(rest.subarray(0, end).toString('utf8'));
      rest = rest.subarray(end + 1);
    }
  };
}
