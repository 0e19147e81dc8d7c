import { cut, type PenOptions, pen } from './terminal.ts';
import { clean, duration, group, shorten } from './words.ts';

/**
 * What a run says of itself while it goes on. Words are provisional: the verdict is made from the record, later.
 * All times are milliseconds on the run's own clock (`RunClock.now()`); nothing here reads a clock.
 *
 * On a terminal: `state = advance(state, event)` for each event, and for `{ type: 'clock' }` some five times a second; then
 * write `redrawn(shown, progressFrame(state, …))` and remember the frame as `shown`. In a log: write `progressLine(event)`
 * and a new line unless it is null.
 */
export type ProgressEvent =
  | {
      readonly type: 'suite-started';
      readonly suite: string;
      readonly atMs: number;
      /** How many checks of it are going to run. */
      readonly checks: number;
      /** How long it is expected to take, where that is known. */
      readonly plannedMs?: number;
    }
  | { readonly type: 'check-started'; readonly check: string; readonly atMs: number }
  | {
      readonly type: 'check-finished';
      readonly check: string;
      readonly atMs: number;
      readonly outcome: ProvisionalOutcome;
      readonly tookMs: number;
      /** What broke, or what access is missing. */
      readonly why?: string;
    }
  | LoadTick
  | { readonly type: 'message'; readonly atMs: number; readonly text: string }
  /** Nothing happened but time. */
  | { readonly type: 'clock'; readonly atMs: number };

/** `ok`: did what it promised so far. `broke`: at least one measurement was not right. `unmet`: nobody could look. */
export type ProvisionalOutcome = 'ok' | 'broke' | 'unmet';

export interface LoadTick {
  readonly type: 'load-tick';
  readonly check: string;
  readonly atMs: number;
  /** Since the load began. */
  readonly elapsedMs: number;
  /** `elapsedMs` of the tick before; 0 at the first. A log shows the tick that steps over a whole ten seconds. */
  readonly previousElapsedMs: number;
  readonly plannedMs: number;
  /** Requests sent, and lost (refused, timed out, wrong), since the load began. */
  readonly sent: number;
  readonly lost: number;
  readonly perSecond: number;
  readonly users?: number;
}

export interface ProgressState {
  readonly suite: string | null;
  readonly checks: number;
  readonly finished: number;
  readonly unmet: number;
  /** Running now, the longest first. */
  readonly running: readonly { readonly check: string; readonly sinceMs: number }[];
  readonly load: LoadTick | null;
  readonly broke: readonly { readonly check: string; readonly why: string }[];
  readonly message: string | null;
  /** When the suite began, and what time it is. */
  readonly sinceMs: number;
  readonly atMs: number;
  readonly plannedMs: number | null;
}

export const noProgress: ProgressState = {
  suite: null,
  checks: 0,
  finished: 0,
  unmet: 0,
  running: [],
  load: null,
  broke: [],
  message: null,
  sinceMs: 0,
  atMs: 0,
  plannedMs: null,
};

/** What broke is kept from suite to suite; everything else begins anew with each. */
export function advance(before: ProgressState, event: ProgressEvent): ProgressState {
  const state = { ...before, atMs: Math.max(before.atMs, event.atMs) };
  switch (event.type) {
    case 'suite-started': {
      const { suite, checks, atMs, plannedMs = null } = event;
      return { ...noProgress, broke: state.broke, suite, checks, plannedMs, sinceMs: atMs, atMs: state.atMs };
    }
    case 'check-started':
      return { ...state, running: [...state.running, { check: event.check, sinceMs: event.atMs }] };
    case 'check-finished':
      return finish(state, event);
    case 'load-tick':
      return { ...state, load: event };
    case 'message':
      return { ...state, message: event.text };
    case 'clock':
      return state;
  }
}

function finish(state: ProgressState, event: ProgressEvent & { type: 'check-finished' }): ProgressState {
  const { check, outcome, why = '' } = event;
  return {
    ...state,
    finished: state.finished + 1,
    unmet: state.unmet + (outcome === 'unmet' ? 1 : 0),
    running: state.running.filter((one) => one.check !== check),
    load: state.load?.check === check ? null : state.load,
    broke: outcome === 'broke' ? [...state.broke, { check, why }] : state.broke,
  };
}

/** Lines of a block to be drawn over the last one; none is wider than the terminal, or the terminal would break it. */
export function progressFrame(state: ProgressState, options: PenOptions): string {
  const using = pen(options);
  const within = (text: string) => cut(using.text(text), options.width - 1, options.ascii ? '...' : '…');
  const lines = [using.bold(within(overall(state, options))), within(`  now: ${current(state)}`)];
  const load = state.load === null ? [] : [within(`  ${loadSoFar(state.load)}`)];
  const message = state.message === null ? [] : [using.dim(within(`  ${state.message}`))];
  const broke = state.broke
    .slice(-5)
    .map(({ check, why }) => using.tone('fail', within(`  ${using.sign('fail')} broke ${check}  ${why}`)));
  const more = state.broke.length > 5 ? [within(`  and ${state.broke.length - 5} before`)] : [];
  return [...lines, ...load, ...message, ...more, ...broke].join('\n');
}

function overall(state: ProgressState, { width, ascii }: PenOptions): string {
  const words = [
    `${state.finished} of ${state.checks}`,
    ...(state.unmet > 0 ? [`${state.unmet} unmet`] : []),
    state.broke.length === 0 ? 'none broke' : `${state.broke.length} broke`,
    `${clock(state.atMs - state.sinceMs)} gone`,
    ...timeLeft(state),
  ].join(', ');
  const room = Math.min(20, width - words.length - (state.suite ?? '').length - 4);
  return `${state.suite ?? 'starting'} ${room >= 6 ? `${bar(state.finished, state.checks, room, ascii)} ` : ''}${words}`;
}

function bar(done: number, all: number, room: number, ascii = false): string {
  const full = all === 0 ? 0 : Math.min(room, Math.floor((done / all) * room));
  return ascii ? `[${'#'.repeat(full)}${'.'.repeat(room - full)}]` : `${'█'.repeat(full)}${'░'.repeat(room - full)}`;
}

/** From the plan where there is one, else from the pace so far once three checks have set one. */
function timeLeft({ load, plannedMs, sinceMs, atMs, finished, checks }: ProgressState): readonly string[] {
  if (load !== null) return [`${clock(load.plannedMs - load.elapsedMs)} left`];
  const goneMs = atMs - sinceMs;
  if (plannedMs !== null) return [`about ${clock(plannedMs - goneMs)} left`];
  return finished < 3 || finished >= checks ? [] : [`about ${clock((goneMs / finished) * (checks - finished))} left`];
}

function current({ running, atMs }: ProgressState): string {
  const [oldest, ...others] = running;
  if (oldest === undefined) return 'between two checks';
  const beside = others.length === 0 ? '' : ` and ${others.length} beside`;
  return `${oldest.check}${beside}, ${duration(atMs - oldest.sinceMs)}`;
}

const loadSoFar = ({ elapsedMs, plannedMs, sent, lost, perSecond, users }: LoadTick): string =>
  [
    `${clock(elapsedMs)} of ${clock(plannedMs)}`,
    ...(users === undefined ? [] : [`${group(users)} users`]),
    `${group(sent)} sent, ${group(Math.round(perSecond))} a second`,
    `${group(lost)} lost`,
  ].join(', ');

/** A frame drawn over the one before: up to its first line, erase to the end of the screen, write. */
export function redrawn(previous: string, next: string): string {
  const above = previous === '' ? 0 : previous.split('\n').length;
  return `${above === 0 ? '' : `\u001b[${above}A\u001b[0J`}${next === '' ? '' : `${next}\n`}`;
}

const loadLineEveryMs = 10_000;

/** One plain line for a log, or null when there is nothing worth one: no colour, no control character, the status as a word. */
export function progressLine(event: ProgressEvent): string | null {
  const line = (label: string, text: string) =>
    `[${clock(event.atMs)}] ${label.padEnd(5)} ${shorten(clean(text), 300)}`;
  switch (event.type) {
    case 'suite-started':
      return line(
        'suite',
        `${event.suite}, ${event.checks} checks${event.plannedMs ? `, about ${duration(event.plannedMs)}` : ''}`,
      );
    case 'check-finished':
      return line(event.outcome, `${event.check} (${duration(event.tookMs)})${event.why ? `: ${event.why}` : ''}`);
    case 'load-tick':
      return stepsOverTen(event) ? line('load', `${event.check} ${loadSoFar(event)}`) : null;
    case 'message':
      return line('note', event.text);
    case 'check-started':
    case 'clock':
      return null;
  }
}

const stepsOverTen = ({ elapsedMs, previousElapsedMs }: LoadTick): boolean =>
  Math.floor(elapsedMs / loadLineEveryMs) > Math.floor(previousElapsedMs / loadLineEveryMs);

/** `0:07`, `1:02:03`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
