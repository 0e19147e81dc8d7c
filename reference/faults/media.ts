import { fileURLToPath } from 'node:url';
import type { ReferenceHandle } from '../handle.ts';
import { datagramFree } from '../parts/ports.ts';
import { launch, remembered, stop } from '../parts/processes.ts';
import { nodeBinary } from '../parts/tools.ts';
import { until } from '../parts/until.ts';
import { readPlan } from '../plan.ts';
import type { Fault } from './fault.ts';

/** What the relay does to datagrams; see `reference/media/relay.ts`. */
export type Disturbance = Readonly<Partial<Record<'delay-ms' | 'loss' | 'only' | 'for-ms', string>>>;

const name = 'media-relay';
/** Any address of 127.0.0.0/8 is this machine; the meeting server tells people to send here and listens on 127.0.0.1. */
const publicHost = '127.0.0.2';

/** Puts a relay between people and the meeting server, through which all media and what sets it up goes. */
export async function putMediaRelay(deployment: ReferenceHandle, how: Disturbance): Promise<void> {
  const { directory } = deployment;
  const port = readPlan(directory)?.ports.livekitMedia;
  if (port === undefined) throw new Error(`no reference deployment is running in ${directory}`);
  await deployment.stop('livekit');
  launch({
    directory,
    name,
    command: nodeBinary(),
    args: [
      fileURLToPath(new URL('../media/relay.ts', import.meta.url)),
      `--listen=${publicHost}:${port}`,
      `--target=127.0.0.1:${port}`,
      ...Object.entries(how).map(([option, value]) => `--${option}=${value}`),
    ],
    cwd: directory,
  });
  await deployment.start('livekit', { publicHost });
  await until(name, async () => !(await datagramFree(port, publicHost)));
}

export async function takeMediaRelayAway(deployment: ReferenceHandle): Promise<void> {
  await deployment.stop('livekit');
  const identity = remembered(deployment.directory)[name];
  if (identity) await stop(identity, [{ signal: 'SIGTERM', waitMs: 1_000 }]);
  await deployment.start('livekit');
}

/** A fault that is a bad way between people and the meeting server. */
export function mediaFault({ how, ...fault }: Omit<Fault, 'plant' | 'lift'> & { readonly how: Disturbance }): Fault {
  return { ...fault, plant: (deployment) => putMediaRelay(deployment, how), lift: takeMediaRelayAway };
}
