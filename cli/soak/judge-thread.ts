import { parentPort, workerData } from 'node:worker_threads';
import type { Entry } from '../../record/entries.ts';
import { foldRecordWhile } from '../../record/reader.ts';
import { Judging } from '../../verdict/judge.ts';
import type { CheckVerdict } from '../../verdict/types.ts';
import type { FromJudge, JudgeStart, Standing, ToJudge } from './messages.ts';

/** Judges the record while it is written, in a thread of its own: what is timed must not wait for it. */
function start({ profile, before }: JudgeStart): void {
  const judging = new Judging({ profile });
  const say = (message: FromJudge) => parentPort!.postMessage(message);
  const trying = (work: () => void) => {
    try {
      work();
    } catch (error) {
      say({ type: 'failed', because: error instanceof Error ? error.message : String(error) });
    }
  };
  trying(() => say({ type: 'caught-up', ...catchUp(judging, before) }));
  parentPort!.on('message', (message: ToJudge) =>
    trying(() => {
      if (message.type === 'entries') for (const entry of message.entries) judging.add(entry);
      else say(look(judging));
    }),
  );
}

function catchUp(judging: Judging, before: JudgeStart['before']) {
  const startedMs = performance.now();
  if (before) {
    foldRecordWhile(before.path, (entry) => {
      judging.add(entry);
      return (entry as Entry & { h?: string }).h !== before.lastHash;
    });
  }
  return { tookMs: performance.now() - startedMs };
}

function look(judging: Judging): FromJudge {
  const startedMs = performance.now();
  const standings = judging.checks().map(standingOf);
  return { type: 'seen', standings, tookMs: performance.now() - startedMs };
}

function standingOf({ id, status, assertions }: CheckVerdict): Standing {
  return { check: id, status, why: assertions.find((row) => row.status === status)?.why ?? '' };
}

start(workerData as JudgeStart);
