import { allowedHosts } from '../../environment/egress.ts';
import type { Environment } from '../../environment/types.ts';
import { baseHeaders } from '../../platform/auth.ts';
import { under } from '../../platform/health.ts';
import type { K6Config } from '../../runners/k6/config.ts';
import { type LoadPlan, pairs } from './plan.ts';
import type { Person } from './prepare.ts';

export const errorsStream = 'T-errors';
/** An answer may take its time before it counts as none: several times its target. */
const answerTimeoutMs = 10_000;

/** Registering, signing in twice, a room and knowledge, and as many again to take it all away. */
const callsToPrepare = 20;

/** Everything the script needs to know, and nothing it does not: no database, no key, no other secret. */
export function k6Config(
  environment: Environment,
  plan: LoadPlan,
  people: readonly Person[],
  seconds: number,
): K6Config {
  const { api, realtime, meetings } = environment;
  return {
    allow: allowedHosts(environment),
    sources: plan.sources,
    errors: errorsStream,
    budgets: {
      requests: Math.max(0, environment.budget.requests - people.length * callsToPrepare),
      aiMessages: environment.budget.aiMessages,
      // In millionths of a dollar, because an answer costs less than a cent.
      usd: Math.floor(environment.budget.usd * 1e6),
    },
    users: people,
    script: {
      options: {
        scenarios: plan.scenarios,
        // Names of series, not of requests: each would otherwise be kept in memory for the whole run.
        systemTags: ['scenario'],
        noCookiesReset: false,
      },
      endsAfterMs: seconds * 1000,
      timeoutMs: environment.timeoutMs,
      answerTimeoutMs: Math.max(answerTimeoutMs, environment.timeoutMs),
      api: {
        url: api!.url.replace(/\/$/, ''),
        trpc: under(api!.url, api!.trpcPath),
        sessionCookies: api!.sessionCookies,
        csrf: api!.csrf === 'header',
        headers: { 'user-agent': 'shakedown (release verification)', ...baseHeaders(api!) },
      },
      realtime: realtime && { urls: realtime.urls, cookies: realtime.cookies, origin: realtime.origin },
      meetings: meetings && { url: meetings.url, procedure: procedureOf(meetings.tokens) },
      kinds: plan.kinds,
      present: plan.present,
      lengthsMs: plan.lengthsMs,
      pairs: {
        perSecond: plan.perSecond['T-ws-msg'],
        atOnce: pairs.atOnce,
        leadMs: pairs.leadSeconds * 1000,
        slots: plan.sources.find(({ stream }) => stream === 'T-ws-msg')?.slots ?? 0,
      },
    },
  };
}

function procedureOf(tokens: NonNullable<Environment['meetings']>['tokens']): string | null {
  return tokens !== null && 'procedure' in tokens ? tokens.procedure : null;
}
