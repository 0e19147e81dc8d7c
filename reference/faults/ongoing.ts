import type { ReferenceHandle } from '../handle.ts';
import type { Fault } from './fault.ts';

interface OngoingFault extends Pick<Fault, 'name' | 'plants' | 'catches' | 'mayAlso' | 'profile' | 'soakHours'> {
  readonly everyMs: number;
  /** Done once before. */
  readonly begin?: (deployment: ReferenceHandle) => Promise<void>;
  /** Done again and again until the fault is lifted; `turn` counts from 0. */
  readonly again: (deployment: ReferenceHandle, turn: number) => Promise<unknown>;
  /** Brings back what was. */
  readonly end?: (deployment: ReferenceHandle) => Promise<void>;
}

/** A fault that goes on while the deployment is watched, because what it breaks shows only in time. */
export function ongoingFault({ everyMs, begin, again, end, ...fault }: OngoingFault): Fault {
  let going: { stop(): Promise<void> } | null = null;
  return {
    ...fault,
    async plant(deployment) {
      await begin?.(deployment);
      going = repeatedly(everyMs, (turn) => again(deployment, turn));
    },
    async lift(deployment) {
      await going?.stop();
      going = null;
      await end?.(deployment);
    },
  };
}

function repeatedly(everyMs: number, work: (turn: number) => Promise<unknown>) {
  let turn = 0;
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // One turn that fails is one turn less; the next may not.
    running = work(turn++)
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
