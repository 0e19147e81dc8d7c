import { ownTrouble } from '../../probes/own-network.ts';
import type { WindowEntry } from '../../record/entries.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { WindowFold } from '../../runners/soak/windows.ts';

export const timedStreams = ['T-api', 'T-chat', 'T-search', 'T-ws-connect', 'T-ws-msg'] as const;
export type TimedStream = (typeof timedStreams)[number];

/** What came of one probe. `ours`: it never left this machine, for a cause of ours. */
export type Told =
  | { readonly ok: true; readonly doneMs?: number; readonly usd?: number }
  | { readonly ok: false; readonly because: string; readonly ours?: boolean };

/** All that is timed and counted, folded into windows on the way to the record. */
export interface Streams {
  /** Times one probe from the moment it was due. */
  timed(stream: TimedStream, dueMs: number, probe: () => Promise<Told>): Promise<void>;
  /** Counts what is not timed: sockets that were never let in, users who could or could not be made. */
  counted(told: Told, as?: 'messages' | 'answers'): void;
  /** A window of k6's, of a stream that is timed or of all that was counted. */
  take(entry: WindowEntry): void;
}

/** k6 needs a second or two to know how a window ended; with this no more than ten seconds are ever unrecorded. */
const windowMs = 8_000;
const shortestMs = 1_000;
export const countedStream = 'answers';
/** What went over sockets is counted apart: a message that did not arrive is no error of the API. */
const messagesStream = 'messages';
const isOfSockets = (stream: TimedStream): boolean => stream === 'T-ws-connect' || stream === 'T-ws-msg';

const lengthOf = (soak: SoakContext): number => Math.max(shortestMs, windowMs / soak.timeScale);

/** A stream that is timed without users. */
export function openStream(soak: SoakContext, assertion: 'T-health' | 'T-db'): WindowFold {
  const lengthMs = lengthOf(soak);
  const emit = soak.checks.has('soak.latency') ? soak.emit : ignored;
  const fold = new WindowFold({ check: 'soak.latency', assertion, lengthMs, emit });
  soak.every(`windows ${assertion}`, lengthMs * soak.timeScale, async () => fold.flush(soak.now()));
  soak.cleanup(async () => fold.flush(Number.POSITIVE_INFINITY));
  return fold;
}

export function openStreams(soak: SoakContext): Streams {
  const lengthMs = lengthOf(soak);
  const fold = (check: string, assertion: string, countsOnly: boolean) =>
    new WindowFold({ check, assertion, lengthMs, countsOnly, emit: soak.checks.has(check) ? soak.emit : ignored });
  const times = new Map(timedStreams.map((stream) => [stream, fold('soak.latency', stream, false)]));
  const answers = fold('soak.critical', countedStream, true);
  const messages = fold('soak.critical', messagesStream, true);
  const flush = (nowMs: number) => {
    for (const one of [...times.values(), answers, messages]) one.flush(nowMs);
  };
  soak.every('windows', lengthMs * soak.timeScale, async () => flush(soak.now()));
  soak.cleanup(async () => flush(Number.POSITIVE_INFINITY));

  const count = (told: Told, atMs: number, into = answers) => {
    if (told.ok) into.good(atMs);
    else into.lost(atMs, told.because);
  };
  return {
    async timed(stream, dueMs, probe) {
      const sentMs = soak.now();
      const told = await probe();
      const doneMs = told.ok ? (told.doneMs ?? soak.now()) : soak.now();
      if (soak.signal.aborted) return;
      if (isOurs(told) || soak.disturbed(dueMs, doneMs)) {
        times.get(stream)!.unsent(dueMs);
        return;
      }
      if (told.ok) times.get(stream)!.answered(dueMs, sentMs, doneMs);
      else times.get(stream)!.lost(dueMs, told.because);
      count(told, dueMs, isOfSockets(stream) ? messages : answers);
    },
    counted(told, as = messagesStream) {
      if (!soak.signal.aborted && !isOurs(told)) count(told, soak.now(), as === messagesStream ? messages : answers);
    },
    take(entry) {
      tellCut(soak, entry);
      const known = times.get(entry.assertion as TimedStream);
      (known ?? answers).take(entry);
    },
  };
}

/** A visit lasts a minute; where sockets are meant to end sooner than twice that, an end may be an expected one. */
const longestVisitMs = 120_000;

/** A socket of k6's that was in and was closed by the deployment. */
function tellCut(soak: SoakContext, { lost = {}, fromMs, toMs }: WindowEntry): void {
  if (!soak.checks.has('soak.critical') || soak.socketLimitMs <= longestVisitMs || soak.disturbed(fromMs, toMs)) return;
  for (const [cause, count] of Object.entries(lost)) {
    const code = /^close-(.+)$/.exec(cause)?.[1];
    if (code === undefined || count === 0) continue;
    const detail = `close ${code} during a visit`;
    soak.emit({ kind: 'event', what: 'disconnect', service: 'realtime', atMs: Math.round(fromMs), detail, count });
  }
}

const ignored = (): void => undefined;

const isOurs = (told: Told): boolean => !told.ok && (told.ours === true || ownTrouble(told.because) !== null);
