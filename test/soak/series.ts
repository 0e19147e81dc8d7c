import { Random } from '../../bench/soak/random.ts';
import type { TrendSample } from '../../verdict/soak/trend.ts';

/** One sample a minute around 1 000 with a little noise, and what the test adds to it. */
export function samples(
  hours: number,
  shape: (tHours: number) => number,
  of: { readonly seed?: number; readonly instance?: (tHours: number) => string; readonly noise?: number } = {},
): TrendSample[] {
  const random = new Random(of.seed ?? 1);
  return Array.from({ length: Math.round(hours * 60) }, (_, i) => {
    const tHours = i / 60;
    const value = 1000 + (of.noise ?? 10) * random.normal() + shape(tHours);
    return { tHours, value, load: 100, instance: of.instance?.(tHours) ?? 'a' };
  });
}
