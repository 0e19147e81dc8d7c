import type { SoakContext } from '../../runners/soak/types.ts';
import { startBackground } from './background.ts';
import { startResidents } from './residents.ts';
import { openStreams } from './streams.ts';

const started = new WeakMap<SoakContext, Promise<void>>();

/** The traffic of a soak, once for all checks that live on it. It begins on its own; nobody waits for users to be made. */
export function startTraffic(soak: SoakContext): void {
  if (started.has(soak)) return;
  started.set(soak, begin(soak));
}

async function begin(soak: SoakContext): Promise<void> {
  const streams = openStreams(soak);
  try {
    await soak.ready;
    await startResidents(soak, streams);
    startBackground(soak, streams);
  } catch (error) {
    soak.ours('check-crashed', `traffic: ${error instanceof Error ? error.message : String(error)}`);
  }
}
