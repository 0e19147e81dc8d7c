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

/**
 * Availability is a count of slots, not a sample: what the whole run may lose is known from its planned length, so a run
 * fails as soon as more is lost than that, and passes only when it is over. Slots in a gap of ours are not handed in and
 * count neither way.
 */
export function judgeAvailability(
  slots: readonly Slot[],
  plan: { readonly least: number; readonly plannedSlots: number },
): Availability {
  const answered = slots.filter(({ ok }) => ok).length;
  const lost = slots.length - answered;
  const mayLose = (1 - plan.least) * plan.plannedSlots + 1e-9;
  const runs = unansweredRuns(slots);
  const seen = {
    slots: slots.length,
    answered,
    share: slots.length > 0 ? answered / slots.length : 0,
    outages: runs.filter((run) => run.slots >= fewestSlots),
    blips: runs.filter((run) => run.slots < fewestSlots).length,
  };
  if (lost > mayLose) {
    return { ...seen, status: 'fail', why: `${lost} slots unanswered; the whole run may lose ${Math.floor(mayLose)}` };
  }
  const whole = slots.length >= 0.99 * plan.plannedSlots && slots.length > 0;
  const holds = whole && answered >= plan.least * slots.length;
  if (holds) return { ...seen, status: 'pass', why: `${answered} of ${slots.length} slots answered` };
  const left = plan.plannedSlots - slots.length;
  return {
    ...seen,
    status: 'undecided',
    why: `${answered} of ${slots.length} slots answered; ${left} more would decide`,
  };
}

function unansweredRuns(slots: readonly Slot[]): Outage[] {
  const runs: Outage[] = [];
  for (let from = 0; from < slots.length; from++) {
    if (slots[from]!.ok) continue;
    let to = from;
    while (to < slots.length && !slots[to]!.ok) to += 1;
    const lost = slots.slice(from, to);
    runs.push({
      fromMs: slots[from]!.dueMs,
      toMs: slots[to]?.dueMs ?? null,
      slots: lost.length,
      because: mostFrequent(lost.map(({ because }) => because ?? 'no answer')),
    });
    from = to;
  }
  return runs;
}

function mostFrequent(causes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}
