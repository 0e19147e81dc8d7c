import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is yes; says the last reason when the time is up or when waiting has become pointless. */
export async function until(
  what: string,
  ask: () => Promise<boolean | string>,
  {
    withinMs = 60_000,
    everyMs = 20,
    giveUp = () => false,
  }: { withinMs?: number; everyMs?: number; giveUp?: () => boolean } = {},
): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    // Somebody else may answer at the address of a process that could not take it.
    if (answer === true && !giveUp()) return;
    const reason = typeof answer === 'string' && answer ? `: ${answer}` : '';
    if (giveUp()) throw new Error(`${what} ended before it was healthy${reason}`);
    if (Date.now() >= end) throw new Error(`${what} was not healthy within ${withinMs} ms${reason}`);
    await sleep(everyMs);
  }
}
