import type { Check } from '../check.ts';
export const checks: Record<string, Check> = {};
