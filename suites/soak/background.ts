import { fileURLToPath } from 'node:url';
import { healthUrl } from '../../platform/health.ts';
import { openHttp } from '../../probes/http.ts';
import type { Entry } from '../../record/entries.ts';
import { runK6 } from '../../runners/k6/run.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { callsPerJourney, planLoad } from '../load/plan.ts';
import { errorsStream, k6Config } from '../load/script.ts';
import { type Cohort, makeCohort } from './cohort.ts';
import { Presence } from './presence.ts';
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
  const presence = new Presence(soak);
  const come = () => comers(soak, streams, presence);
  let coming = come();
  while (!signal.aborted) {
    const cohort = await coming;
    const seconds = secondsOf(soak);
    if (cohort === null || cohort.people.length === 0) {
      await cohort?.retire();
      if (!(await answersAgain(soak))) return;
      coming = come();
      continue;
    }
    const next = later(soak, seconds * 700, come);
    presence.here(cohort);
    const ended = await oneLeg(soak, { streams, presence }, cohort, seconds);
    presence.gone(ended === 'lost' ? 'they were stopped, because half of what they sent was lost' : null);
    void cohort.retire();
    if (ended !== 'well' && !(await answersAgain(soak))) return;
    coming = next;
  }
  await (await coming)?.retire();
}

/** The next ones are made while these are still there, so that the load has no hole. */
async function later(soak: SoakContext, ms: number, come: () => Promise<Cohort | null>): Promise<Cohort | null> {
  await pause(ms, soak.signal);
  return soak.signal.aborted ? null : come();
}

async function comers(soak: SoakContext, streams: Streams, presence: Presence): Promise<Cohort | null> {
  const { asked, affordable } = usersOf(soak);
  const budget = `${soak.environment.budget.requests} requests leave none for background traffic`;
  if (affordable < 2) {
    presence.asked(asked, budget);
    soak.ours('budget', budget);
    return null;
  }
  presence.asked(Math.min(asked, affordable), null);
  const cohort = await makeCohort(soak, streams, Math.min(asked, affordable));
  if (cohort.people.length === 0) presence.nobody(cohort);
  return cohort;
}

/** A day's load is highest at two in the afternoon and a fifth of that at two at night, by this machine's clock. */
const quietestShare = 0.2;

export function dailyShare(hourOfDay: number): number {
  const wave = (1 + Math.cos((2 * Math.PI * (hourOfDay - 14)) / 24)) / 2;
  return quietestShare + (1 - quietestShare) * wave;
}

/** Given accounts are no more than they are; what the budget allows is no more than it is. */
function usersOf(soak: SoakContext): { readonly asked: number; readonly affordable: number } {
  const { plan, timeScale, environment, leftMs } = soak;
  const { accounts, budget } = environment;
  const begun = new Date(Date.now() - soak.now());
  const hour = (begun.getHours() + begun.getMinutes() / 60 + (soak.now() * timeScale) / 3_600_000) % 24;
  const wanted = Math.max(2, Math.round(soak.users * (plan.daily ? dailyShare(hour) : 1)));
  const asked = accounts?.create ? wanted : Math.min(wanted, accounts?.given.length ?? 0);
  const perUserMs = callsPerJourney / journeyMs;
  return { asked, affordable: Math.floor((budget.requests * shareForBackground) / (leftMs * perUserMs)) };
}

const secondsOf = (soak: SoakContext): number => Math.round(Math.max(shortestLegMs, legMs / soak.timeScale) / 1000);

/** `lost`: k6 stops when half of what it sends is lost. */
async function oneLeg(
  soak: SoakContext,
  { streams, presence }: { readonly streams: Streams; readonly presence: Presence },
  cohort: Cohort,
  seconds: number,
): Promise<'well' | 'lost' | 'killed'> {
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
      if (now > sent) presence.sent();
      sent = now;
    },
  });
  tellForeign(soak, outcome.facts);
  if (outcome.stopped?.by === 'errors') return 'lost';
  return outcome.exitCode === null ? 'killed' : 'well';
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
