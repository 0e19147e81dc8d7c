/** One probe slot of the availability target: one every 5 s, whether or not the platform answered. */
export interface Slot {
  readonly dueMs: number;
  readonly ok: boolean;
  readonly because?: string;
}

export interface Outage {
  readonly fromMs: number;
  /** The first slot that was answered again; null: not over when the record ended. */
  readonly toMs: number | null;
  readonly slots: number;
  /** Its most frequent cause. */
  readonly because: string;
}

export interface Availability {
  readonly status: 'pass' | 'fail' | 'undecided';
  readonly slots: number;
  readonly answered: number;
  readonly share: number;
  readonly outages: readonly Outage[];
  /** Unanswered slots by themselves: counted, but no outage. */
  readonly blips: number;
  readonly why: string;
}

/** Two neighbours unanswered are an outage; one may be a packet. */
const fewestSlots = 2;

/** Slots one at a time, in the order they were due: only counts and outages are kept. */
export class AvailabilityFold {
  slots = 0;
  answered = 0;
  lastDueMs = Number.NEGATIVE_INFINITY;
  readonly #runs: Outage[] = [];
  #open: { fromMs: number; slots: number; causes: Map<string, number> } | null = null;
  #blips = 0;

  add({ dueMs, ok, because }: Slot): void {
    this.lastDueMs = dueMs;
    this.slots += 1;
    if (ok) {
      this.answered += 1;
      this.#end(dueMs);
      return;
    }
    this.#open ??= { fromMs: dueMs, slots: 0, causes: new Map() };
    this.#open.slots += 1;
    const cause = because ?? 'no answer';
    this.#open.causes.set(cause, (this.#open.causes.get(cause) ?? 0) + 1);
  }

  get blips(): number {
    return this.#blips + (this.#open !== null && this.#open.slots < fewestSlots ? 1 : 0);
  }

  outages(): readonly Outage[] {
    const open = this.#open;
    return open && open.slots >= fewestSlots ? [...this.#runs, outageOf(open, null)] : this.#runs;
  }

  #end(toMs: number): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    if (open.slots < fewestSlots) this.#blips += 1;
    else this.#runs.push(outageOf(open, toMs));
  }
}

const outageOf = (
  open: { readonly fromMs: number; readonly slots: number; readonly causes: ReadonlyMap<string, number> },
  toMs: number | null,
): Outage => ({ fromMs: open.fromMs, toMs, slots: open.slots, because: mostFrequent(open.causes) });

/**
 * Availability is a count of slots, not a sample: what the whole run may lose is known from its planned length, so a run
 * fails as soon as more is lost than that, and passes only when it is over. Slots in a gap of ours are not handed in and
 * count neither way.
 */
export function judgeAvailability(slots: readonly Slot[], plan: AvailabilityPlan): Availability {
  const fold = new AvailabilityFold();
  for (const slot of slots) fold.add(slot);
  return availabilityOf(fold, plan);
}

export interface AvailabilityPlan {
  readonly least: number;
  readonly plannedSlots: number;
}

export function availabilityOf(fold: AvailabilityFold, plan: AvailabilityPlan): Availability {
  const { slots, answered, blips } = fold;
  const lost = slots - answered;
  const mayLose = (1 - plan.least) * plan.plannedSlots + 1e-9;
  const seen = { slots, answered, share: slots > 0 ? answered / slots : 0, outages: fold.outages(), blips };
  if (lost > mayLose) {
    return { ...seen, status: 'fail', why: `${lost} slots unanswered; the whole run may lose ${Math.floor(mayLose)}` };
  }
  const whole = slots >= 0.99 * plan.plannedSlots && slots > 0;
  const holds = whole && answered >= plan.least * slots;
  if (holds) return { ...seen, status: 'pass', why: `${answered} of ${slots} slots answered` };
  const left = Math.max(1, Math.ceil(plan.plannedSlots - slots));
  return { ...seen, status: 'undecided', why: `${answered} of ${slots} slots answered; ${left} more would decide` };
}

function mostFrequent(causes: ReadonlyMap<string, number>): string {
  return [...causes].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}
