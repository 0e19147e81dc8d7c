import type { Environment } from '../../environment/types.ts';
import type { Body, BodyContext, Seen } from '../../runners/body.ts';

export interface Observed {
  readonly held: readonly { readonly assertion: string; readonly cell?: string; readonly observed?: string }[];
  readonly broke: readonly { readonly assertion: string; readonly because: string; readonly cell?: string }[];
  readonly unmet: readonly { readonly needs: string; readonly assertion?: string }[];
  readonly notes: readonly { readonly what: string; readonly detail: string }[];
  readonly residue: readonly string[];
}

/** Runs a body as the runner does, and keeps what it says. */
export async function observe(body: Body, environment: Environment): Promise<Observed> {
  const held: { assertion: string; cell?: string; observed?: string }[] = [];
  const broke: { assertion: string; because: string; cell?: string }[] = [];
  const unmet: { needs: string; assertion?: string }[] = [];
  const notes: { what: string; detail: string }[] = [];
  const residue: string[] = [];
  const undos: (() => Promise<void>)[] = [];
  const fail = (what: string) => {
    throw new Error(`not expected of these checks: ${what}`);
  };
  const pick = (seen: Seen = {}) => ({
    ...(seen.cell && { cell: seen.cell }),
    ...(seen.observed && { observed: seen.observed }),
  });
  const context: BodyContext = {
    check: 'test',
    environment,
    signal: AbortSignal.timeout(60_000),
    scope: `sd-${Math.random().toString(16).slice(2, 8)}`,
    now: () => performance.now(),
    secret: () => undefined,
    cleanup: (undo) => void undos.push(undo),
    holds: (assertion, seen) => void held.push({ assertion, ...pick(seen) }),
    breaks: (assertion, because, seen) => void broke.push({ assertion, because, ...pick(seen) }),
    unmet: (needs, assertion) => void unmet.push({ needs, ...(assertion && { assertion }) }),
    note: (what, detail) => void notes.push({ what, detail }),
    residue: (what, id, why) => void residue.push(`${what} ${id}: ${why}`),
    took: () => fail('took'),
    value: () => fail('value'),
    counted: () => fail('counted'),
    finding: () => fail('finding'),
    ours: (what, detail) => fail(`${what}: ${detail}`),
  };
  try {
    await body(context);
  } finally {
    for (const undo of undos.reverse()) await undo().catch((error: Error) => residue.push(error.message));
  }
  return { held, broke, unmet, notes, residue };
}
