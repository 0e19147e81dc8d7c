import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { Entry, OursEntry, WindowEntry } from '../../record/entries.ts';

const source = fileURLToPath(new URL('../../tools/k6', import.meta.url));
const built = fileURLToPath(new URL('../../.tools/bin/k6', import.meta.url));

/** Our k6 from the tool cache, or built here (seconds, when Go's own cache is warm). */
export function k6ForTests(): string {
  if (existsSync(built)) return built;
  const path = join(mkdtempSync(join(tmpdir(), 'shakedown-k6-')), 'k6');
  const flags = ['build', '-C', source, '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', path, '.'];
  const result = spawnSync('go', flags, { env: { ...process.env, CGO_ENABLED: '0' }, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`our k6 could not be built: ${result.stderr || result.error?.message}`);
  return path;
}

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
