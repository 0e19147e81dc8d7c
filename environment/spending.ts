import type { Environment } from './types.ts';

/** Requests this thread has sent; a run gives each suite a thread of its own and adds up what they report. */
let requests = 0;

/** Takes one request from the budget of the environment file; false: it is spent, send nothing more. */
export function spendRequest({ budget }: Pick<Environment, 'budget'>): boolean {
  if (requests >= budget.requests) return false;
  requests += 1;
  return true;
}

export const requestsSpent = (): number => requests;
