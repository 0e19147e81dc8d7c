import type { MeasurementEntry } from '../../record/entries.ts';
import type { ProgressEvent } from '../../reporters/index.ts';
import type { FromWorker } from '../../runners/vitest/messages.ts';

export type { Progress } from '../output.ts';

/** Turns what the worker says into what is shown; remembers the first broken measurement of each check for its line. */
export function workerProgress(show: (event: ProgressEvent) => void, now: () => number): (message: FromWorker) => void {
  const broken = new Map<string, string>();
  return (message) => {
    if (message.type === 'entry' && message.entry.kind === 'measurement' && !message.entry.ok)
      remember(broken, message.entry);
    if (message.type === 'entry' && message.entry.kind === 'unmet')
      broken.set(message.entry.check, `needs ${message.entry.needs}`);
    if (message.type === 'entry' && message.entry.kind === 'ours' && message.entry.check)
      broken.set(message.entry.check, message.entry.detail);
    if (message.type === 'started') show({ type: 'check-started', check: message.check, atMs: now() });
    if (message.type !== 'finished') return;
    const why = broken.get(message.check);
    const outcome = message.word === 'ok' ? 'ok' : message.word === 'broke' ? 'broke' : 'unmet';
    show({
      type: 'check-finished',
      check: message.check,
      atMs: now(),
      outcome,
      tookMs: message.tookMs,
      ...(why ? { why } : {}),
    });
  };
}

function remember(broken: Map<string, string>, entry: MeasurementEntry & { ok: false }): void {
  if (!broken.has(entry.check)) broken.set(entry.check, `${entry.assertion}: ${entry.because}`);
}
