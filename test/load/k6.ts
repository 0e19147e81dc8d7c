import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { Entry, OursEntry, WindowEntry } from '../../record/entries.ts';
import { toolPaths } from '../../setup/tools.mjs';

/** Our k6, where set-up put it. */
export const k6ForTests = (): string => toolPaths().k6;

export interface TinyServer {
  readonly url: string;
  readonly requests: () => number;
  close(): Promise<void>;
}

export async function tinyServer(answer: RequestListener): Promise<TinyServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export interface Sum {
  readonly answered: number;
  readonly good: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly unsent: number;
  readonly windows: number;
}

/** What the windows of one assertion add up to. */
export function sumOf(entries: readonly Entry[], assertion: string): Sum {
  const windows = entries.filter(
    (entry): entry is WindowEntry => entry.kind === 'window' && entry.assertion === assertion,
  );
  const lost: Record<string, number> = {};
  let answered = 0;
  let good = 0;
  let unsent = 0;
  for (const window of windows) {
    if (window.histogram) answered += decodeFromCompressedBase64(window.histogram).totalCount;
    good += window.good ?? 0;
    unsent += window.unsent ?? 0;
    for (const [cause, count] of Object.entries(window.lost ?? {})) lost[cause] = (lost[cause] ?? 0) + count;
  }
  return { answered, good, lost, unsent, windows: windows.length };
}

export const oursOf = (entries: readonly Entry[]): readonly OursEntry[] =>
  entries.filter((entry): entry is OursEntry => entry.kind === 'ours');
