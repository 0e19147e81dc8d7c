import { adversary } from './adversary.ts';
import { secondAdversary, secondTraps } from './adversary-two.ts';
import type { Base } from './bases.ts';
import { cleans } from './clean.ts';
import { shapes } from './clean-shapes.ts';
import { furtherHoles } from './further-holes.ts';
import { type Hole, holes } from './holes.ts';
import { rest } from './rest.ts';
import { softCleans, softHoles } from './soft-references.ts';
import { traps } from './traps.ts';

export interface Variant {
  readonly name: string;
  readonly base: Base;
  readonly sql: string;
  /** Null: a clean one. */
  readonly hole: Hole | null;
}

/** Every hole and every clean variant there is. */
export const whole: readonly Variant[] = [
  ...[...holes, ...furtherHoles, ...adversary, ...rest, ...softHoles, ...secondAdversary].map((hole) => ({
    ...hole,
    hole,
  })),
  ...[...cleans, ...traps, ...softCleans, ...shapes, ...secondTraps].map((clean) => ({ ...clean, hole: null })),
];
