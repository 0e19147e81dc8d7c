import { z } from 'zod';

const moved = z.object({
  aheadMs: z
    .number()
    .int()
    .min(0)
    .max(400 * 86_400_000),
  email: z.string().max(254).optional(),
});

/**
 * The time by which sessions, locks and tokens end. It can be moved ahead of the real one, for all or for one account alone,
 * so that waiting half an hour takes no half hour. It is no defect: the same rules hold at any time.
 */
export class Clock {
  #aheadMs = 0;
  readonly #aheadMsOf = new Map<string, number>();

  now(email?: string): number {
    return Date.now() + this.#aheadMs + (email === undefined ? 0 : (this.#aheadMsOf.get(email) ?? 0));
  }

  /** `{aheadMs}` moves everybody's time, `{aheadMs, email}` that of one account; 0 brings it back. */
  move(value: unknown): void {
    const { aheadMs, email } = moved.parse(value);
    if (email === undefined) this.#aheadMs = aheadMs;
    else if (aheadMs === 0) this.#aheadMsOf.delete(email);
    else this.#aheadMsOf.set(email, aheadMs);
  }
}
