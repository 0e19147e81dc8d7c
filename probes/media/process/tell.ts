import type { Happening, Up } from '../protocol.ts';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
export type Told = Without<Happening, 'who' | 'atMs'>;
/** Says what one participant noticed, as of now unless a time is given. */
export type Tell = (told: Told, atMs?: number) => void;

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const up = (message: Up): void => void process.send?.(message);

export const tellFor =
  (who: string): Tell =>
  (told, atMs = nowMs()) =>
    up({ type: 'happened', happening: { ...told, who, atMs } as Happening });
