import type { Check } from '../../suites/check.ts';
import { allChecks, isBuilt } from '../../suites/index.ts';
import { UsageError } from '../errors.ts';

export interface Selection {
  /** Asked for, in table order: built ones, waived ones, and later ones that were named. */
  readonly checks: readonly Check[];
  readonly suites: readonly string[];
  /** Suites that were asked for and hold no built check. */
  readonly notBuilt: readonly string[];
  readonly partial: boolean;
  readonly shard?: Shard;
  /** How many checks there are in the suites asked for, built or not. */
  readonly of: number;
}

/** One part of the checks, for several machines to share the work: the index-th of so many, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export const gateSuites = ['smoke', 'e2e', 'security', 'load'] as const;

/** A gate has minutes: of the load suite it plans the 100 users only. */
const inGate = (check: Check): boolean => check.suite !== 'load' || check.id === 'load.users';

/**
 * Which checks a command runs. A row with no body yet is planned only where the environment file waives it (so that the
 * waiver shows) or where it is asked for by name (so that the answer is "not verified", not silence).
 */
export function select(
  suites: readonly string[],
  options: {
    readonly gate: boolean;
    readonly only: readonly string[];
    readonly waived: ReadonlySet<string>;
    readonly shard?: Shard;
  },
): Selection {
  const offered = allChecks.filter((check) => suites.includes(check.suite) && (!options.gate || inGate(check)));
  const named = options.only.map(globToRegExp);
  const matches = (check: Check) => named.some((glob) => glob.test(check.id));
  const idle = unmatched(options.only, offered);
  if (idle.length > 0) {
    throw new UsageError(
      `--only: ${idle.join(', ')} matches no check of ${suites.join(', ')}; "shakedown checks" lists them`,
    );
  }
  const asked = offered.filter((check) => {
    if (named.length > 0) return matches(check);
    return isBuilt(check) || options.waived.has(check.id);
  });
  const { shard } = options;
  const checks = shard ? asked.filter((_, i) => i % shard.of === shard.index - 1) : asked;
  const notBuilt = suites.filter((suite) => !offered.some((check) => check.suite === suite && isBuilt(check)));
  return { checks, suites, notBuilt, partial: named.length > 0, ...(shard ? { shard } : {}), of: offered.length };
}

/** Those of several globs that name nothing: a misspelt one beside a good one must not go unsaid. */
export const unmatched = (globs: readonly string[], checks: readonly { readonly id: string }[]): readonly string[] =>
  globs.filter((glob) => !checks.some(({ id }) => globToRegExp(glob).test(id)));

/** `*` stands for any characters, as in a shell. */
export function globToRegExp(glob: string): RegExp {
  const escaped = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
