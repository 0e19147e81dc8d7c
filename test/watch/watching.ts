import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sample, Watching } from '../../probes/watch/types.ts';
import type { Entry } from '../../record/entries.ts';
import { deployment } from '../environment/deployment.ts';

/** A soak to watch for, with what was emitted. */
export function watching(yaml: string): Watching & { readonly emitted: Entry[]; at(ms: number): void } {
  const emitted: Entry[] = [];
  let nowMs = 0;
  return {
    environment: deployment(yaml),
    signal: new AbortController().signal,
    timeScale: 1,
    now: () => nowMs,
    at: (ms) => {
      nowMs = ms;
    },
    emit: (entry) => void emitted.push(entry),
    emitted,
  };
}

/** A server on a free port of this machine that ends with the test. */
export async function serve(answer: RequestListener): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

export const valueIn = (samples: readonly Sample[], series: string): number | undefined =>
  samples.find((sample) => sample.series === series)?.value;

export const lifeIn = (samples: readonly Sample[]): string | undefined =>
  samples.find(({ labels }) => labels?.life)?.labels?.life;

export const soon = new AbortController().signal;
