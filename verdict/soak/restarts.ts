import type { Copy, Life, Restart } from './lives.ts';

export interface Replacements {
  readonly restarts: readonly Restart[];
  readonly unsettledMs: number | null;
}

/** Whole seconds of an uptime may make a start a little too early. */
const roundedMs = 1_000;
/** Of several behind one address, one that was not met in so many looks has ended. */
const goneLooks = 10;

/**
 * The lives of one copy, one after the other, are restarts. Where an earlier life was met again, several processes share the
 * name: there, one that began is a restart if another ended when it did; one that began before anybody looked is neither.
 */
export function restartsIn(copy: Copy, scale: number): Replacements {
  const [, ...later] = copy.lives;
  const begun = later.filter(({ startMs }) => startMs === null || startMs >= copy.firstMs - roundedMs * scale);
  const of = (life: Life): Restart => ({ service: copy.service, instance: copy.instance, atMs: life.firstMs });
  if (!copy.isShared) return { restarts: begun.map(of), unsettledMs: null };
  const ended = new Set<Life>();
  let unsettledMs: number | null = null;
  const restarts = begun.filter((life) => {
    const before = predecessor(copy, life, ended);
    if (before === undefined) return false;
    ended.add(before);
    const isGone = copy.looks - before.lastLook >= goneLooks;
    if (!isGone) unsettledMs ??= life.firstMs;
    return isGone;
  });
  return { restarts: restarts.map(of), unsettledMs };
}

/** The one that was met last before this one was first, and not since. One that had long been away was not replaced by it. */
function predecessor({ lives }: Copy, life: Life, ended: ReadonlySet<Life>): Life | undefined {
  const isBefore = (one: Life) => one.lastLook < life.firstLook && life.firstLook - one.lastLook <= goneLooks;
  const before = lives.filter((one) => isBefore(one) && !ended.has(one));
  return before.sort((a, b) => a.lastLook - b.lastLook)[0];
}

/**
 * Copies that name themselves, told of by one source: one that begins after the one before was last seen, which never comes
 * back, has replaced it. Where two were ever there at once the service is scaled, and copies come and go.
 */
export function replacedIn(copies: readonly Copy[], scale: number): readonly Restart[] {
  const inOrder = copies.toSorted((a, b) => a.firstMs - b.firstMs);
  const [first] = inOrder;
  if (first === undefined || overlap(inOrder, scale)) return [];
  return inOrder.slice(1).map(({ service, instance, firstMs }) => ({ service, instance, atMs: firstMs }));
}

function overlap(inOrder: readonly Copy[], scale: number): boolean {
  return inOrder.some((copy, i) => {
    const before = inOrder[i - 1];
    if (before === undefined) return false;
    const beganMs = copy.lives[0]?.startMs ?? copy.firstMs;
    return Math.min(copy.firstMs, beganMs + roundedMs * scale) <= before.lastMs;
  });
}
