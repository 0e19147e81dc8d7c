import type { Environment } from '../../environment/types.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { Body } from '../../runners/body.ts';
import { runBody } from '../../runners/context.ts';
import { checks } from '../../suites/smoke/checks.ts';

export interface Observed {
  readonly word: string;
  /** assertion → what was said of it, each once, in order: `ok` or why not. */
  readonly said: Readonly<Record<string, readonly string[]>>;
  readonly entries: readonly Entry[];
}

/** Runs a smoke body as the runner does, on a deployment described by an environment. */
export async function observe(id: string, environment: Environment): Promise<Observed> {
  const row = checks.find((check) => check.id === id);
  if (!row) throw new Error(`no check ${id}`);
  const { default: body } = (await import(`../../suites/smoke/${id.slice('smoke.'.length)}.ts`)) as { default: Body };
  const entries: Entry[] = [];
  const check = { id, suite: 'smoke', assertions: Object.keys(row.assertions), timeoutMs: row.timeoutMs ?? 15_000 };
  const word = await runBody(body, {
    check,
    environment,
    clock: runClock(),
    scope: 'sd-test',
    stop: new AbortController().signal,
    emit: (entry) => entries.push(entry),
  });
  return { word, said: sayings(entries), entries };
}

function sayings(entries: readonly Entry[]): Record<string, string[]> {
  const said: Record<string, string[]> = {};
  for (const entry of entries) {
    if (entry.kind === 'unmet') said[entry.assertion ?? '*'] = [`needs ${entry.needs}`];
    if (entry.kind !== 'measurement') continue;
    const before = said[entry.assertion] ?? [];
    said[entry.assertion] = [...new Set([...before, entry.ok ? 'ok' : entry.because])];
  }
  return said;
}

/** A visit to a deployment, for probes that are tried without a body. */
export const visit = (environment: Environment) => ({
  environment,
  signal: new AbortController().signal,
  now: () => performance.now(),
});
