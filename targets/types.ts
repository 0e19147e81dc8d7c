/** Where a value was promised: readiness, preparation, and the two columns of the implementation papers. */
export type Source = 'R' | 'P' | 'I-staging' | 'I-production';

export type Statistic = 'P95' | 'median' | 'proportion' | 'census' | 'exact';

/** How a single measured value, or for a share the share itself, is held against the target's value. */
export type Compare = 'below' | 'above' | 'at-least' | 'at-most';

export type Unit = 'ms' | '%' | 'By' | '1' | '1/min' | '1/s' | 'h';

export interface TargetValue {
  readonly value: number;
  /** As it stands in the requirements. */
  readonly text: string;
  readonly source: Source;
}

export interface Target {
  readonly id: string;
  readonly measure: string;
  readonly statistic: Statistic;
  readonly unit: Unit;
  readonly compare: Compare;
  readonly values: Readonly<Partial<Record<Source, TargetValue>>>;
  readonly definition: string;
  /** Fewest measurements the requirements ask for, where they name a number. */
  readonly fewest?: number;
}

export const profileNames = ['readiness', 'preparation', 'staging', 'production', 'strictest'] as const;
export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  readonly name: ProfileName;
  /** The column it reads; `all` takes the tightest value of each row. */
  readonly source: Source | 'all';
  /** The mildest severity of a finding that fails its check. */
  readonly failsFrom: 'high' | 'medium';
  readonly description: string;
}
