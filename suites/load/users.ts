import { fileURLToPath } from 'node:url';
import type { Environment } from '../../environment/types.ts';
import type { Making } from '../../platform/accounts.ts';
import { openHttp } from '../../probes/http.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { TickLine } from '../../runners/k6/lines.ts';
import { type K6Outcome, runK6 } from '../../runners/k6/run.ts';
import { checks } from './checks.ts';
import { type LoadPlan, planLoad } from './plan.ts';
import { type Prepared, prepare } from './prepare.ts';
import { errorsStream, k6Config } from './script.ts';

export interface UsersContext {
  readonly environment: Environment;
  readonly emit: (entry: Entry) => void;
  readonly clock: RunClock;
  readonly scope: string;
  readonly k6Path: string;
  /** Of load; 158 unless said, which leaves every paced target its 1 200 samples. */
  readonly seconds?: number | undefined;
  readonly users?: number | undefined;
  readonly signal: AbortSignal;
  readonly killFile?: string | undefined;
  readonly onTick?: ((tick: LoadTick) => void) | undefined;
}

/** Where the load stands, once a second. */
export interface LoadTick {
  readonly phase: 'preparing' | 'running' | 'cleaning';
  /** Of the phase that is running. */
  readonly atMs: number;
  readonly ofMs: number;
  readonly users: number;
  readonly good: number;
  readonly lost: number;
}

const check = checks.users!.id;
const defaultSeconds = 158;
const defaultUsers = 100;
/** k6 needs some seconds to make its users ready and some more to let the last answers come. */
const startAndEndMs = 40_000;

/** A hundred users for two and a half minutes. What it makes it removes, also when it is stopped. */
export async function run(context: UsersContext): Promise<void> {
  const undos: (() => Promise<void>)[] = [];
  const { environment, clock, emit, scope, signal } = context;
  const making: Making = {
    environment,
    signal,
    scope,
    now: () => clock.now(),
    cleanup: (undo) => void undos.push(undo),
    residue: (what, id, why) => emit({ kind: 'residue', what, id, why }),
  };
  try {
    await load(context, making);
  } finally {
    context.onTick?.(tickOf('cleaning', 0, 0));
    await undoAll(undos, making);
  }
}

export default run;

async function load(context: UsersContext, making: Making): Promise<void> {
  const { emit, clock } = context;
  const wanted = context.users ?? defaultUsers;
  context.onTick?.(tickOf('preparing', 0, 0));
  const http = openHttp(making);
  const preparedFromMs = clock.now();
  let prepared: Prepared;
  try {
    prepared = await prepare(making, http, wanted + (wanted % 2));
  } finally {
    await http.close();
  }
  for (const detail of prepared.notes) note(context, 'users', detail);
  if (context.signal.aborted) return;
  if (prepared.people.length === 0 && prepared.needs !== null) {
    emit({ kind: 'unmet', check, needs: prepared.needs });
    return;
  }
  if (prepared.people.length === 0) {
    const because = `no user could be made ready: ${prepared.failed}`;
    for (const assertion of Object.keys(checks.users!.assertions))
      emit({ kind: 'measurement', check, assertion, startMs: preparedFromMs, ok: false, because });
    return;
  }
  await send(context, prepared, wanted);
}

async function send(context: UsersContext, prepared: Prepared, users: number): Promise<void> {
  const { environment, clock, emit, signal, killFile, k6Path } = context;
  const seconds = context.seconds ?? defaultSeconds;
  const plan = planLoad({ ...wantedOf(environment, prepared), seconds, users });
  tellPlan(context, plan, prepared);
  const startMs = clock.now();
  const outcome = await runK6({
    k6Path,
    clock,
    emit,
    signal,
    killFile,
    check,
    script: fileURLToPath(new URL('./k6/users.ts', import.meta.url)),
    assertions: [...Object.keys(plan.perSecond), errorsStream],
    config: k6Config(environment, plan, prepared.people, seconds),
    caPath: environment.tls.caPath,
    atMostMs: seconds * 1000 + startAndEndMs,
    onTick: (tick) => context.onTick?.(tickOf('running', clock.now() - startMs, seconds * 1000, tick)),
  });
  tellOutcome(context, outcome);
}

/** Half of what the lowest plan documents, for the length of a run: nobody knows what else these users' limits hold. */
const lowestPlan = { calls: 50, questions: 5 };

function wantedOf(environment: Environment, { people, plan }: Prepared) {
  const { parts, realtime, meetings, budget } = environment;
  return {
    accounts: people.length,
    realtime: parts.realtime && realtime !== null,
    meetings: parts.meeting && meetings !== null && meetings.tokens !== null,
    searchable: people.some(({ knowledge }) => knowledge !== null),
    budget,
    perUser: plan === 'unknown' ? lowestPlan : null,
  };
}

function tellPlan(context: UsersContext, plan: LoadPlan, { people }: Prepared): void {
  const { emit, environment } = context;
  for (const detail of plan.notes) note(context, 'less load than would decide', detail);
  if (people.some(({ partner, index }) => partner === index) && environment.realtime)
    note(
      context,
      'users',
      'some users are alone in their tenant: their messages are timed between two sockets of the same user',
    );
  if (plan.perSecond['T-search'] === 0)
    emit({ kind: 'unmet', check, assertion: 'T-search', needs: 'a deployment that takes knowledge.upload' });
  if (!environment.parts.realtime) note(context, 'part left out', 'there is no realtime service: no socket was opened');
  else if (environment.realtime === null)
    for (const assertion of ['T-ws-connect', 'T-ws-msg']) emit({ kind: 'unmet', check, assertion, needs: 'realtime' });
}

/** The first seconds are left out: the users who are there from the start arrive while k6 wakes up. */
const settledAfterMs = 3_000;

function tellOutcome(context: UsersContext, { ticks, facts, end, stopped }: K6Outcome): void {
  const { emit, clock } = context;
  const first = ticks[0];
  const there = ticks.filter(
    ({ kind, atMs }) => kind === 'tick' && first !== undefined && atMs - first.atMs >= settledAfterMs,
  );
  const plateau = stopped ? there : there.filter(({ active }) => (active.journeys ?? 0) + (active.present ?? 0) > 0);
  const mean = plateau.reduce((sum, { beat }) => sum + (beat.usersMean ?? 0), 0) / plateau.length;
  const startMs = first?.atMs ?? clock.now();
  if (plateau.length > 0)
    emit({
      kind: 'measurement',
      check,
      assertion: 'T-users',
      startMs,
      ok: true,
      value: Math.round(mean * 10) / 10,
      unit: '1',
    });
  for (const { atMs, detail, name } of facts)
    if (name === 'foreign')
      emit({ kind: 'measurement', check, assertion: 'answers', startMs: atMs, ok: false, because: detail });
  const right = end?.counters['answers-right'] ?? 0;
  if (right > 0)
    emit({
      kind: 'measurement',
      check,
      assertion: 'answers',
      startMs,
      ok: true,
      observed: `${right} answers were those of who had asked`,
    });
  const limited = end?.counters['sign-in-limited'] ?? 0;
  if (limited > 0)
    note(
      context,
      'sign-in',
      `sign-ins reached the limit of the deployment after ${end?.counters['sign-ins'] ?? 0}: sessions made before the run were used`,
    );
  const doubled = end?.counters['messages-doubled'] ?? 0;
  if (doubled > 0) note(context, 'messages', `${doubled} messages arrived more than once`);
}

function note({ emit }: UsersContext, what: string, detail: string): void {
  emit({ kind: 'note', check, what, detail });
}

function tickOf(phase: LoadTick['phase'], atMs: number, ofMs: number, tick?: TickLine): LoadTick {
  const active = tick?.active ?? {};
  return {
    phase,
    atMs,
    ofMs,
    users: (active.journeys ?? 0) + (active.present ?? 0),
    good: tick?.good ?? 0,
    lost: tick?.lost ?? 0,
  };
}

const undosAtOnce = 8;
const undoWithinMs = 10_000;

/** What cannot be removed is said; nothing keeps the others from being removed. */
async function undoAll(undos: (() => Promise<void>)[], making: Making): Promise<void> {
  const worker = async () => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) await undoOne(undo, making);
  };
  await Promise.all(Array.from({ length: undosAtOnce }, worker));
}

async function undoOne(undo: () => Promise<void>, making: Making): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not finish within ${undoWithinMs / 1000} s`)), undoWithinMs);
  });
  try {
    await Promise.race([undo(), late]);
  } catch (error) {
    making.residue(
      `left by ${check}`,
      making.scope,
      `clean-up failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    clearTimeout(timer);
  }
}
