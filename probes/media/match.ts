/** A tone that was spoken at one end, or heard at the other. */
export interface ToneCall {
  readonly kind: 'spoke' | 'heard';
  readonly code: number;
  readonly atMs: number;
  /** How long our own threads waited for a processor between speaking and hearing. */
  readonly waitedMs: number;
}

export interface Matched {
  readonly heard: readonly { readonly spokenMs: number; readonly tookMs: number; readonly waitedMs: number }[];
  /** When those were spoken that were not heard in time. */
  readonly unheard: readonly number[];
}

/**
 * Which tone that was heard is which that was spoken: the last one of its code before it. A tone spoken shortly before the
 * end that was not heard yet says nothing.
 */
export function matchTones(
  calls: readonly ToneCall[],
  { endMs, unheardAfterMs }: { readonly endMs: number; readonly unheardAfterMs: number },
): Matched {
  const open = new Map<number, number>();
  const heard: { spokenMs: number; tookMs: number; waitedMs: number }[] = [];
  const unheard: number[] = [];
  for (const { kind, code, atMs, waitedMs } of calls.toSorted((a, b) => a.atMs - b.atMs)) {
    const spokenMs = open.get(code);
    const inTime = spokenMs !== undefined && atMs - spokenMs <= unheardAfterMs;
    if (spokenMs !== undefined && (kind === 'spoke' || !inTime)) unheard.push(spokenMs);
    if (kind === 'spoke') open.set(code, atMs);
    else if (inTime) heard.push({ spokenMs, tookMs: atMs - spokenMs, waitedMs });
    if (kind === 'heard') open.delete(code);
  }
  const late = [...open.values()].filter((spokenMs) => endMs - spokenMs > unheardAfterMs);
  return { heard, unheard: [...unheard, ...late].sort((a, b) => a - b) };
}

/** A fifth of a stretch of time without a processor, and nothing that did not come then can be laid at the deployment's door. */
export const starvedAt = 0.2;

/** What did not come, parted by whether it is the deployment's doing or may be ours; `starved`: how much our threads waited then. */
export function byOrigin(
  missing: readonly number[],
  starved: (fromMs: number) => number,
): { readonly theirs: readonly number[]; readonly ours: readonly number[] } {
  const isOurs = (fromMs: number): boolean => starved(fromMs) > starvedAt;
  return { theirs: missing.filter((fromMs) => !isOurs(fromMs)), ours: missing.filter(isOurs) };
}
