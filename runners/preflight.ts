import type { Environment } from '../environment/types.ts';
import { type Reach, reach } from '../probes/reach.ts';
import type { RunClock } from '../record/clock.ts';
import type { Entry } from '../record/entries.ts';

export interface PreflightCheck {
  readonly id: string;
  readonly assertions: readonly string[];
  readonly needs: readonly string[];
}

interface Endpoint {
  /** The key of the environment file, for people. */
  readonly key: string;
  readonly need: string;
  readonly url: string;
}

const attempts = 3;

/**
 * Before any body runs, asks every address that is needed three times at once. An address that never answers, refuses
 * or speaks another language settles every check that stands on it, at once and with its own reason; nothing is gained by
 * letting each of them find out for itself. An address that answers only sometimes is a failed measurement of the first
 * check that needs it, and all bodies run.
 *
 * @returns the ids of the checks that are settled.
 */
export async function preflight(
  environment: Environment,
  checks: readonly PreflightCheck[],
  clock: RunClock,
  emit: (entry: Entry) => void,
): Promise<ReadonlySet<string>> {
  const needed = endpointsOf(environment).filter((endpoint) =>
    checks.some((check) => check.needs.includes(endpoint.need)),
  );
  const asked = await Promise.all(
    needed.map(async (endpoint) => ({ endpoint, startMs: clock.now(), answers: await ask(endpoint, environment) })),
  );
  const settled = new Set<string>();
  for (const { endpoint, startMs, answers } of asked) {
    const failures = answers.filter((answer): answer is Extract<Reach, { ok: false }> => !answer.ok);
    if (failures.length === 0) continue;
    const standing = checks.filter((check) => check.needs.includes(endpoint.need));
    const hit = failures.length === attempts ? standing : standing.slice(0, 1);
    for (const check of hit) {
      const assertions = failures.length === attempts ? check.assertions : check.assertions.slice(0, 1);
      for (const assertion of assertions) emitFailures(emit, check.id, assertion, endpoint, failures, startMs);
      if (failures.length === attempts) settled.add(check.id);
    }
  }
  return settled;
}

const ask = (endpoint: Endpoint, environment: Environment): Promise<Reach[]> =>
  Promise.all(
    Array.from({ length: attempts }, () =>
      reach(endpoint.url, { timeoutMs: environment.timeoutMs, ca: environment.tls.ca }),
    ),
  );

function emitFailures(
  emit: (entry: Entry) => void,
  check: string,
  assertion: string,
  endpoint: Endpoint,
  failures: readonly { because: string; tookMs: number }[],
  startMs: number,
): void {
  for (const failure of failures) {
    emit({
      kind: 'measurement',
      check,
      assertion,
      dueMs: rounded(startMs),
      startMs: rounded(startMs),
      tookMs: rounded(failure.tookMs),
      ok: false,
      because: `${endpoint.key} ${shown(endpoint.url)} ${failure.because}`,
    });
  }
}

/** Without user, password, path and query: none of them helps to find the address, some of them are secret. */
function shown(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

export function endpointsOf(environment: Environment): Endpoint[] {
  const { api, realtime, meetings, web, database, redis } = environment;
  const list: (Endpoint | null)[] = [
    api && { key: 'api.url', need: 'api', url: api.url },
    ...(realtime?.urls ?? []).map((url, index) => ({ key: `realtime.urls[${index}]`, need: 'realtime', url })),
    meetings && { key: 'meetings.url', need: 'meetings', url: meetings.url },
    ...Object.entries(web).flatMap(([name, url]) =>
      typeof url === 'string' ? [{ key: `web.${name}`, need: `web.${name}`, url }] : [],
    ),
    database.appUrl ? { key: 'database.appUrl', need: 'database.appUrl', url: database.appUrl } : null,
    database.serviceUrl ? { key: 'database.serviceUrl', need: 'database.serviceUrl', url: database.serviceUrl } : null,
    database.adminUrl ? { key: 'database.adminUrl', need: 'database.adminUrl', url: database.adminUrl } : null,
    redis && { key: 'redis.url', need: 'redis.url', url: redis.url },
  ];
  return list.filter((endpoint) => endpoint !== null);
}
