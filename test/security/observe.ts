import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import { runBody } from '../../runners/context.ts';
import { checkById } from '../../suites/index.ts';
import { judge } from '../../verdict/judge.ts';
import type { AssertionVerdict } from '../../verdict/types.ts';

/** Runs the bodies of some checks as a run does, on one environment, and judges what they said. */
export async function judged(ids: readonly string[], environment: Environment, profile = 'preparation') {
  const began = performance.now();
  const clock: RunClock = { origin: new Date().toISOString(), now: () => performance.now() - began };
  const entries: Entry[] = [
    {
      kind: 'run',
      schema: '1.0',
      id: 'r-test',
      environment: 'test',
      profile,
      suites: ['security'],
      partial: true,
      harness: '1.0.0',
      startedAt: clock.origin,
    },
  ];
  for (const id of ids) {
    const check = checkById.get(id)!;
    const assertions = Object.keys(check.assertions).filter((name) => !left.has(name));
    const targets = Object.fromEntries(
      assertions.flatMap((name) => (check.assertions[name]!.target ? [[name, check.assertions[name]!.target!]] : [])),
    );
    entries.push({ kind: 'plan', check: id, assertions, targets });
    const { default: body } = await import(`../../suites/security/${id.slice(4)}.ts`);
    await runBody(body, {
      check: { id, suite: 'security', assertions, timeoutMs: 120_000 },
      environment,
      clock,
      scope: 'sd-test',
      stop: new AbortController().signal,
      emit: (entry) => void entries.push(entry),
    });
  }
  entries.push({ kind: 'end' });
  const report = judge(entries);
  const row = (id: string, name: string): AssertionVerdict =>
    report.checks.find((check) => check.id === id)!.assertions.find((one) => one.name === name)!;
  return { report, entries, row };
}

/** What needs an API or a pooler is looked at elsewhere. */
const left = new Set(['role', 'answers', 'scope', 'pooler']);
