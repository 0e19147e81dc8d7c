import { contradictionIn, faultOfHealth, healthUrl, timestampOf } from '../../platform/health.ts';
import { type Answer, type Http, openHttp } from '../../probes/http.ts';
import { paced } from '../../probes/pace.ts';
import { worth } from '../../probes/worth.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const probes = { count: 1600, everyMs: 20, withinMs: 35_000 };
/** 158 clean and independent ones are the fewest that pass a P95; 200 leave room. Slow begins at a quarter of the target. */
const enough = { asked: 400, worth: 200, slowMs: 12 };
/** So many wrong answers and not one right: the rest would say the same. */
const hopeless = 5;

const body: Body = async (context) => {
  const http = openHttp(context);
  try {
    const first = await http.ask(healthUrl(context.environment));
    const wrong = wrongWith(first, context);
    recordForm(context, first, wrong ?? (first.ok ? contradictionIn(first) : null));
    // A deployment that cannot be reached need not be asked four hundred times.
    if (first.ok) {
      await timeMany(context, http);
      await recordAge(context, http, first);
    } else for (const answer of [first, ...(await again(context, http))]) recordTime(context, answer, null);
  } finally {
    await http.close();
  }
};
export default body;

/** Three attempts, because one lost request is no statement about the deployment. */
const again = (context: BodyContext, http: Http): Promise<readonly Answer[]> =>
  Promise.all([http.ask(healthUrl(context.environment)), http.ask(healthUrl(context.environment))]);

function recordForm(context: BodyContext, answer: Answer, wrong: string | null): void {
  const seen = {
    startMs: answer.startMs,
    expected: '200 with status "ok" and the agreed fields',
    observed: shown(answer),
  };
  if (wrong === null) context.holds('form', seen);
  else context.breaks('form', wrong, seen);
}

/** A kept answer would go on saying ok after everything behind it has died. Their clock is compared with itself alone. */
async function recordAge(context: BodyContext, http: Http, first: Answer): Promise<void> {
  const last = await http.ask(healthUrl(context.environment));
  const [before, after] = [timestampOf(first), timestampOf(last)];
  const apartMs = last.startMs - first.startMs;
  if (before === null || after === null || apartMs < 2_000) return;
  const observed = `${before}, and ${after} ${(apartMs / 1000).toFixed(1)} s later`;
  const seen = { startMs: last.startMs, expected: 'a timestamp that moves on', observed };
  if (Date.parse(after) > Date.parse(before)) context.holds('form', seen);
  else context.breaks('form', `its timestamp stands still for ${(apartMs / 1000).toFixed(1)} s: ${after}`, seen);
}

async function timeMany(context: BodyContext, http: Http): Promise<void> {
  const timings: number[] = [];
  const counts = { good: 0, bad: 0 };
  const overdue = await paced({ ...probes, signal: context.signal, now: () => context.now() }, async (dueMs) => {
    const answer = await http.ask(healthUrl(context.environment));
    counts[recordTime(context, answer, dueMs)]++;
    timings.push(answer.startMs - dueMs + answer.tookMs);
    if (isEnough(timings)) return 'stop';
    return counts.good === 0 && counts.bad >= hopeless ? 'stop' : 'on';
  });
  for (const dueMs of overdue) {
    context.breaks('latency', 'was due and could not be sent, because too many before it were not answered', {
      startMs: dueMs,
    });
  }
}

/** Looked at every hundred probes: the judge may be asked at any time, so stopping here favours no verdict. */
const isEnough = (timings: readonly number[]): boolean =>
  timings.length >= enough.asked && timings.length % 100 === 0 && worth(timings, enough.slowMs) >= enough.worth;

function recordTime(context: BodyContext, answer: Answer, dueMs: number | null): 'good' | 'bad' {
  const { startMs, tookMs } = answer;
  const wrong = wrongWith(answer, context);
  if (wrong === null) context.took('latency', { dueMs: dueMs ?? startMs, startMs, tookMs });
  else context.breaks('latency', wrong, { startMs, tookMs });
  return wrong === null ? 'good' : 'bad';
}

const wrongWith = (answer: Answer, { environment }: BodyContext): string | null =>
  answer.ok ? faultOfHealth(answer, environment) : answer.because;

const shown = (answer: Answer): string =>
  answer.ok ? `${answer.status} ${answer.body.subarray(0, 300).toString('utf8')}` : answer.because;
