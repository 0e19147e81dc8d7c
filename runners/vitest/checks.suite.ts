import { BroadcastChannel } from 'node:worker_threads';
import { inject, test } from 'vitest';
import { installGuard } from '../../environment/sockets.ts';
import { requestsSpent } from '../../environment/spending.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { Body } from '../body.ts';
import { runBody } from '../context.ts';
import type { FromWorker, PlannedCheck, ToWorker } from './messages.ts';

/** Runs inside vitest's worker: one test a planned check, whose body stands in `suites/SUITE/NAME.ts`. */
const order = inject('order');
const clock = runClock(order.origin);
const channel = new BroadcastChannel(order.channel);
const stop = new AbortController();
const waiting = new Map<number, () => void>();
let syncs = 0;

channel.onmessage = (event: unknown) => {
  const message = (event as { data: ToWorker }).data;
  if (message.type === 'stop') stop.abort(new Error('the run is being stopped'));
  else waiting.get(message.id)?.();
};

const say = (message: FromWorker) => channel.postMessage(message);
const emit = (entry: Entry) => say({ type: 'entry', entry });

/** Resolves once everything said so far has reached the record. */
function heardOut(): Promise<void> {
  const id = ++syncs;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    say({ type: 'sync', id });
  });
}

installGuard(order.environment, {
  onRefused: (refused) =>
    emit({
      kind: 'ours',
      what: 'egress-refused',
      fromMs: clock.now(),
      toMs: clock.now(),
      detail: refused.message,
      spoils: false,
    }),
});

for (const check of order.checks) {
  test(check.id, { timeout: check.timeoutMs + 60_000 }, async () => {
    if (stop.signal.aborted) return;
    say({ type: 'started', check: check.id });
    const startedMs = clock.now();
    const word = await runBody(await bodyOf(check), {
      check,
      environment: order.environment,
      clock,
      scope: order.scope,
      stop: stop.signal,
      emit,
    });
    say({ type: 'finished', check: check.id, word, tookMs: clock.now() - startedMs, spent: requestsSpent() });
    await heardOut();
    if (word === 'broke' || word === 'crashed') throw new Error(`${check.id} ${word}`);
  });
}

/** A body that cannot be loaded is our mistake and spoils its check, not the others'. */
async function bodyOf(check: PlannedCheck): Promise<Body> {
  const path = `../../suites/${check.suite}/${check.id.slice(check.id.indexOf('.') + 1)}.ts`;
  try {
    return ((await import(path)) as { default: Body }).default;
  } catch (error) {
    return () => Promise.reject(error);
  }
}
