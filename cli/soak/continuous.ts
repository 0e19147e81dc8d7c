import { Worker } from 'node:worker_threads';
import type { Entry } from '../../record/entries.ts';
import type { FromJudge, JudgeStart, Standing, ToJudge } from './messages.ts';

/** The judge beside a soak that goes on. */
export interface Continuous {
  add(entry: Entry): void;
  /** Whether what was recorded before has been read; until then nobody may close a part. */
  isCaughtUp(): boolean;
  close(): Promise<void>;
}

interface Options extends JudgeStart {
  /** Of the real clock. */
  readonly lookEveryMs: number;
  /** A check that fails now and did not at the look before. */
  readonly onCalled: (standing: Standing) => void;
  /** The judge itself failed: the record cannot be trusted, or there is a mistake of ours. */
  readonly onFailed: (because: string) => void;
}

const sendEveryMs = 1_000;

export function judgeContinuously(options: Options): Continuous {
  const { profile, before } = options;
  const worker = new Worker(new URL('./judge-thread.ts', import.meta.url), { workerData: { profile, before } });
  const called = new Set<string>();
  let waiting: Entry[] = [];
  let looking = false;
  let caught = false;
  const say = (message: ToJudge) => worker.postMessage(message);
  const flush = () => {
    if (waiting.length > 0) say({ type: 'entries', entries: waiting });
    waiting = [];
  };
  worker.on('message', (message: FromJudge) => {
    if (message.type === 'failed') options.onFailed(message.because);
    if (message.type === 'caught-up') caught = true;
    if (message.type !== 'seen') return;
    looking = false;
    for (const standing of message.standings) call(standing);
  });
  worker.on('error', (error) => options.onFailed(error.message));
  const call = (standing: Standing) => {
    if (standing.status !== 'fail' || called.has(standing.check)) return;
    called.add(standing.check);
    options.onCalled(standing);
  };
  const sending = setInterval(flush, sendEveryMs);
  const timer = setInterval(() => {
    // A judge that is still looking is not asked again.
    if (looking || !caught) return;
    looking = true;
    flush();
    say({ type: 'look' });
  }, options.lookEveryMs);
  return {
    isCaughtUp: () => caught,
    add: (entry) => void waiting.push(entry),
    async close() {
      clearInterval(sending);
      clearInterval(timer);
      await worker.terminate();
    },
  };
}
