import { existsSync } from 'node:fs';
import type { TickLine } from './lines.ts';

/** The kill switch: a signal, a file, or the deployment's own error rate. `stop` is called once, with the reason. */
export interface KillSwitch {
  tick(tick: TickLine): void;
  close(): void;
}

export interface ErrorLimit {
  /** Of what ended in the last `overMs`, this share or more was lost. */
  readonly share: number;
  readonly overMs: number;
  /** Not before: enough evidence must be there first. */
  readonly afterMs: number;
  readonly atLeast: number;
}

/** By then a few hundred answers are lost, which the verdict needs to say that the deployment failed. */
export const defaultErrorLimit: ErrorLimit = { share: 0.5, overMs: 10_000, afterMs: 20_000, atLeast: 50 };

interface Options {
  readonly signal?: AbortSignal | undefined;
  readonly killFile?: string | undefined;
  readonly errorLimit: ErrorLimit | null;
  readonly stop: (why: StopReason) => void;
}

export interface StopReason {
  readonly by: 'signal' | 'file' | 'errors' | 'time';
  readonly detail: string;
}

const fileEveryMs = 250;

export function killSwitch({ signal, killFile, errorLimit, stop }: Options): KillSwitch {
  const onAbort = () => stop({ by: 'signal', detail: 'the run was told to stop' });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const poll = killFile === undefined ? undefined : setInterval(() => lookFor(killFile, stop), fileEveryMs);
  const recent: TickLine[] = [];
  let firstAtMs: number | undefined;
  return {
    tick(tick) {
      recent.push(tick);
      firstAtMs ??= tick.atMs;
      if (errorLimit === null || tick.atMs - firstAtMs < errorLimit.afterMs) return;
      const why = tooManyErrors(recent, errorLimit);
      if (why) stop({ by: 'errors', detail: why });
    },
    close() {
      signal?.removeEventListener('abort', onAbort);
      clearInterval(poll);
    },
  };
}

function lookFor(file: string, stop: (why: StopReason) => void): void {
  if (existsSync(file)) stop({ by: 'file', detail: `the stop file ${file} appeared` });
}

function tooManyErrors(recent: TickLine[], limit: ErrorLimit): string | null {
  const last = recent.at(-1)!;
  while (recent.length > 1 && last.atMs - recent[1]!.atMs >= limit.overMs) recent.shift();
  const first = recent[0]!;
  if (last.atMs - first.atMs < limit.overMs || last.started === 0) return null;
  const lost = last.lost - first.lost;
  const ended = lost + last.good - first.good;
  if (ended < limit.atLeast || lost / ended < limit.share) return null;
  return `${lost} of ${ended} answers were lost within ${Math.round((last.atMs - first.atMs) / 1000)} s`;
}
