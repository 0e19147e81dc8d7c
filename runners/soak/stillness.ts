import type { RunClock } from '../../record/clock.ts';

interface Options {
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  /** This process, or the whole machine, stood still for so long that it is a gap. */
  readonly onGap: (fromMs: number, toMs: number) => void;
  /** The wall clock stepped while the run's own clock went on evenly. */
  readonly onStep: (byMs: number) => void;
  readonly wallNow?: () => number;
}

export interface Stillness {
  disturbed(fromMs: number, toMs: number): boolean;
}

const beatMs = 50;
/** A hold-up of this length makes what was timed across it ours; a shorter one is lateness, which is recorded beside. */
const heldUpMs = 250;
const gapMs = 5_000;
const stepMs = 2_000;
/** Longer than anything that is timed, so that a hold-up is known for as long as something may have been under way in it. */
const rememberedMs = 120_000;

/** Watches whether this process comes round as it should. */
export function watchStillness(options: Options): Stillness {
  const { clock, signal, wallNow = Date.now } = options;
  const held: { fromMs: number; toMs: number }[] = [];
  let lastMs = clock.now();
  let offsetMs = wallNow() - lastMs;
  const timer = setInterval(() => {
    const nowMs = clock.now();
    const late = nowMs - lastMs - beatMs;
    if (late > heldUpMs) held.push({ fromMs: lastMs, toMs: nowMs });
    if (late > gapMs) options.onGap(lastMs, nowMs);
    while (held.length > 0 && held[0]!.toMs < nowMs - rememberedMs) held.shift();
    const offset = wallNow() - nowMs;
    if (Math.abs(offset - offsetMs) > stepMs) options.onStep(offset - offsetMs);
    offsetMs = offset;
    lastMs = nowMs;
  }, beatMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return {
    disturbed(fromMs, toMs) {
      // The beat that would tell may be overdue itself.
      if (clock.now() - lastMs - beatMs > heldUpMs && toMs > lastMs) return true;
      return held.some((one) => one.fromMs < toMs && one.toMs > fromMs);
    },
  };
}
