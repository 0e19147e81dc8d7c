import { readdirSync } from 'node:fs';
import type { Fault } from './fault.ts';

const notFaults = new Set(['index.ts', 'fault.ts']);

/** Every fault there is: one a file in this folder, in the order of their names. */
export const faults: readonly Fault[] = await Promise.all(
  readdirSync(import.meta.dirname)
    .filter((file) => /^[a-z]+-[a-z0-9-]+\.ts$/.test(file) && !notFaults.has(file))
    .sort()
    .map(async (file) => ((await import(`./${file}`)) as { default: Fault }).default),
);

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
