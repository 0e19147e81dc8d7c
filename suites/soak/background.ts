import { fileURLToPath } from 'node:url';
import { healthUrl } from '../../platform/health.ts';
import { openHttp } from '../../probes/http.ts';
import type { Entry } from '../../record/entries.ts';
import { runK6 } from '../../runners/k6/run.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { callsPerJourney, planLoad } from '../load/plan.ts';
import { errorsStream, k6Config } from '../load/script.ts';
import { type Cohort, makeCohort } from './cohort.ts';
import { type Streams, timedStreams } from './streams.ts';

/** So long one set of users visits; then k6 and its users are gone and others come, so that nothing grows for longer. */
const legMs = 30 * 60_000;
const shortestLegMs = 20_000;
const startAndEndMs = 40_000;
const shareForBackground = 0.4;
const journeyMs = 60_000;

/** Visits of users in an open model by k6, one leg after the other, as long as the soak lasts. */
export function startBackground(soak: SoakContext, streams: Streams): void {
  const failed = (error: unknown) =>
    soak.ours('check-crashed', `background traffic: ${error instanceof Error ? error.message : String(error)}`);
  // k6 has ended before its users are taken away.
  soak.lasts(legs(soak, streams).catch(failed));
}

async function legs(soak: SoakContext, streams: Streams): Promise<void> {
  const { signal } = soak;
  let coming = come(soak);
  while (!signal.aborted) {
    const cohort = await coming;
    const seconds = secondsOf(soak);
    if (cohort === null || cohort.people.length === 0) {
      await cohort?.retire();
      if (!(await answersAgain(soak))) return;
      coming = come(soak);
      continue;
    }
    const next = later(soak, seconds * 700);
    const healthy = await oneLeg(soak, streams, cohort, seconds);
    void cohort.retire();
    if (!healthy && !(await answersAgain(soak))) return;
    coming = next;
  }
  await (await coming)?.retire();
}

/** The next ones are made while these are still there, so that the load has no hole. */
async function later(soak: SoakContext, ms: number): Promise<Cohort | null> {
  await pause(ms, soak.signal);
  return soak.signal.aborted ? null : come(soak);
}

async function come(soak: SoakContext): Promise<Cohort | null> {
  const wanted = usersOf(soak);
  if (wanted === 0) return null;
  return makeCohort(soak, wanted);
}

/** A day's load is highest at two in the afternoon and a fifth of that at two at night, by this machine's clock. */
const quietestShare = 0.2;

export function dailyShare(hourOfDay: number): number {
  const wave = (1 + Math.cos((2 * Math.PI * (hourOfDay - 14)) / 24)) / 2;
  return quietestShare + (1 - quietestShare) * wave;
}

function usersOf(soak: SoakContext): number {
  const { plan, timeScale, environment, leftMs } = soak;
  const begun = new Date(Date.now() - soak.now());
  const hour = (begun.getHours() + begun.getMinutes() / 60 + (soak.now() * timeScale) / 3_600_000) % 24;
  const asked = Math.max(2, Math.round(soak.users * (plan.daily ? dailyShare(hour) : 1)));
  const perUserMs = callsPerJourney / journeyMs;
  const affordable = (environment.budget.requests * shareForBackground) / (leftMs * perUserMs);
  if (affordable < 2) {
    soak.ours('budget', `${environment.budget.requests} requests leave none for background traffic`);
    return 0;
  }
  return Math.min(asked, Math.floor(affordable));
}

const secondsOf = (soak: SoakContext): number => Math.round(Math.max(shortestLegMs, legMs / soak.timeScale) / 1000);

/** Answers whether the deployment was there: k6 stops when half of what it sends is lost. */
async function oneLeg(soak: SoakContext, streams: Streams, cohort: Cohort, seconds: number): Promise<boolean> {
  const { environment, clock, signal } = soak;
  const { people } = cohort;
  const share = Math.min(1, (seconds * 1000) / Math.max(1, soak.leftMs));
  const budget = {
    ...environment.budget,
    requests: Math.ceil(environment.budget.requests * shareForBackground * Math.max(share, 0.001)) + people.length * 40,
    aiMessages: Math.floor(environment.budget.aiMessages * shareForBackground * share),
    usd: environment.budget.usd * shareForBackground * share,
  };
  const plan = planLoad({
    seconds,
    users: people.length,
    accounts: people.length,
    realtime: environment.parts.realtime && environment.realtime !== null,
    meetings: environment.parts.meeting && environment.meetings !== null && environment.meetings.tokens !== null,
    searchable: people.some(({ knowledge }) => knowledge !== null),
    budget,
    perUser: cohort.plan === 'unknown' ? { calls: 50, questions: 5 } : null,
    journeysOnly: true,
  });
  let sent = 0;
  const outcome = await runK6({
    k6Path: soak.k6Path,
    clock,
    signal,
    check: 'soak.latency',
    emit: (entry) => takeEntry(soak, streams, entry),
    script: fileURLToPath(new URL('../load/k6/users.ts', import.meta.url)),
    assertions: [...timedStreams, errorsStream],
    config: k6Config({ ...environment, budget }, plan, people, seconds),
    caPath: environment.tls.caPath,
    atMostMs: seconds * 1000 + startAndEndMs,
    onTick: ({ counters }) => {
      const now = counters.requests ?? 0;
      soak.sent(now - sent);
      sent = now;
    },
  });
  tellForeign(soak, outcome.facts);
  return outcome.stopped?.by !== 'errors' && outcome.exitCode !== null;
}

/** What starved k6 spoils the stretch it tells of, not two days; its other troubles are told and cost their samples. */
function takeEntry(soak: SoakContext, streams: Streams, entry: Entry): void {
  if (entry.kind === 'window') streams.take(entry);
  else if (entry.kind === 'ours' && entry.what === 'tool-missing') soak.emit(entry);
  else if (entry.kind === 'ours' && entry.what === 'egress-refused') soak.emit(entry);
  else if (entry.kind !== 'ours' || soak.signal.aborted || told.has(entry.what)) return;
  else if (entry.what === 'generator-starved') soak.emit({ ...entry, check: undefined });
  else soak.emit({ ...entry, check: undefined, spoils: false, detail: `background traffic: ${entry.detail}` });
}

/** What the engine tells itself, or what is no trouble here. */
const told: ReadonlySet<string> = new Set(['clock-jump', 'interrupted']);

function tellForeign(
  soak: SoakContext,
  facts: readonly { readonly name: string; readonly detail: string; readonly atMs: number }[],
): void {
  if (!soak.checks.has('soak.critical')) return;
  for (const { name, detail, atMs } of facts)
    if (name === 'foreign')
      soak.emit({ kind: 'event', what: 'critical', service: 'api', atMs: Math.round(atMs), detail });
}

const askEveryMs = 5_000;
const answersInARow = 3;

/** Waits until /health has answered three times in a row; false when the soak ended before. */
async function answersAgain(soak: SoakContext): Promise<boolean> {
  const http = openHttp(soak);
  try {
    for (let answered = 0; answered < answersInARow; ) {
      await pause(Math.max(500, askEveryMs / soak.timeScale), soak.signal);
      if (soak.signal.aborted) return false;
      const answer = await http.ask(healthUrl(soak.environment));
      answered = answer.ok && answer.status === 200 ? answered + 1 : 0;
    }
    return true;
  } finally {
    await http.close();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
