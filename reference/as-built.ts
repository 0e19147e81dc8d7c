import type { ReferenceHandle } from './handle.ts';

/**
 * Defects of the platform as it was built that our own processes can take on while they run. The app's database role, which
 * is a superuser there, is chosen at boot.
 */
export const asBuiltSwitches: readonly { readonly service: string; readonly name: string; readonly value: unknown }[] =
  [
    ...['limits-off', 'csrf-off', 'tokens-in-answers', 'idle-off'].map((name) => ({
      service: 'api',
      name,
      value: true,
    })),
    ...['realtime-1', 'realtime-2'].flatMap((service) => [
      ...['streams-off', 'no-replay', 'origin-off', 'room-unchecked'].map((name) => ({ service, name, value: true })),
      { service, name: 'health-status', value: 426 },
    ]),
    { service: 'web', name: 'headers-missing', value: 'content-security-policy' },
  ];

export async function plantAsBuilt(deployment: ReferenceHandle): Promise<void> {
  for (const { service, name, value } of asBuiltSwitches)
    if (service in deployment.control) await deployment.switch(service, name, value);
}
