import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ReferenceHandle } from '../handle.ts';
import { freePorts } from '../parts/ports.ts';
import { launch, remembered, stop } from '../parts/processes.ts';
import { nodeBinary } from '../parts/tools.ts';
import { until } from '../parts/until.ts';
import { recovered } from './recovery.ts';

export interface Relay {
  readonly service: 'postgres' | 'redis';
  /** Where the service is reached by everybody. */
  readonly port: number;
  readonly from: string;
  readonly to: string;
}

const nameOf = ({ service }: Pick<Relay, 'service'>) => `relay-${service}`;

/** Moves the service to another port and puts a relay in its place; a process of the deployment, so that `down` ends it. */
export async function putRelayBefore(deployment: ReferenceHandle, relay: Relay): Promise<void> {
  const { directory } = deployment;
  const { moved } = await freePorts(['moved']);
  await deployment.stop(relay.service);
  launch({
    directory,
    name: nameOf(relay),
    command: nodeBinary(),
    args: [
      fileURLToPath(new URL('../relay.ts', import.meta.url)),
      String(relay.port),
      String(moved),
      relay.from,
      relay.to,
    ],
    cwd: directory,
  });
  await until(nameOf(relay), () => accepts(relay.port));
  await deployment.start(relay.service, { port: String(moved) });
  await recovered(deployment);
}

export async function takeRelayAway(deployment: ReferenceHandle, { service }: Pick<Relay, 'service'>): Promise<void> {
  await deployment.stop(service);
  const identity = remembered(deployment.directory)[nameOf({ service })];
  if (identity) await stop(identity, [{ signal: 'SIGTERM', waitMs: 1_000 }]);
  await deployment.start(service);
  await recovered(deployment);
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
