import type { SoakPlan } from '../../record/entries.ts';
import type { Selection } from '../run/select.ts';

const slotMs = 5_000;
/** However much time is scaled, a deployment is not asked oftener. */
const fastestSlotMs = 200;
export const promisedMs = 48 * 3_600_000;

/** Planned length and slots on the run's own clock. */
export function planFor(forMs: number, timeScale: number, daily: boolean): SoakPlan {
  return { plannedMs: forMs / timeScale, timeScale, slotMs: Math.max(fastestSlotMs, slotMs / timeScale), daily };
}

/** A soak that is shorter than what is promised says so in its headline, and does not plan to prove the length. */
export function soakSelection(selection: Selection, forMs: number): Selection {
  if (forMs >= promisedMs) return selection;
  const checks = selection.checks.map((check) => {
    const kept = Object.entries(check.assertions).filter(([, { target }]) => target !== 'T-soak');
    return { ...check, assertions: Object.fromEntries(kept) };
  });
  return { ...selection, checks, partial: true };
}
