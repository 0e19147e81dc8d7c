import { descendantsOf, longestWaitMs, mainWaits, type Stretch, starvedShare } from '../../probes/waiting.ts';

const everyMs = 1_000;
/** What fails sooner fails for another reason than slowness. */
export const leastMs = 2 * everyMs;
/** Two pages in a call, on two cores that do nothing else, wait 0.4 to 0.65 of the time and are in order. */
export const browserStarvedAt = 0.85;
/** A journey of an hour is looked at no further back. */
const mostStretches = 3_600;

/**
 * Looks once a second at how long the browser's own threads were ready to run and had no processor, so that a step that did
 * not end in its time is not laid at the deployment's door when it is this machine that was too slow.
 */
export class Patience {
  readonly #now: () => number;
  readonly #stretches: Stretch[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From now on; all processes that were started by this one unless they are named. */
  begin(processes?: readonly number[]): void {
    if (this.#timer) return;
    const waits = () => mainWaits(processes ?? descendantsOf(process.pid));
    let [before, fromMs] = [waits(), this.#now()];
    this.#timer = setInterval(() => {
      const [now, toMs] = [waits(), this.#now()];
      this.#stretches.push({ fromMs, toMs, waitedMs: longestWaitMs(before, now) });
      if (this.#stretches.length > mostStretches) this.#stretches.shift();
      [before, fromMs] = [now, toMs];
    }, everyMs);
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Of the time between two moments, the share in which one thread of the browser waited for a processor, 0 to 1. */
  starvedShare(fromMs: number, toMs: number): number {
    return starvedShare(this.#stretches, fromMs, toMs);
  }
}
