import type { Watcher, Watching } from '../../probes/watch/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { OursEntry, SoakPlan } from '../../record/entries.ts';

/**
 * What the soak's engine writes, for whoever judges it. Times are milliseconds of the run's own clock, unscaled; after a
 * resume they go on by the wall clock, so that a gap is as long as it was.
 *
 * - `measurement` of `soak.uptime`/`T-uptime`: one a slot, `dueMs` on the grid of `run.soak.slotMs`. A slot that could not
 *   be sent for a cause of ours is not there; the `gap` beside it says why.
 * - `window` of at most 10 s of `soak.latency`/`T-health`, `T-db`, `T-api`, `T-chat`, `T-search`, `T-ws-connect`, `T-ws-msg`, and of
 *   `soak.critical`/`answers` and `messages` (`good` and `lost` by cause of everything sent, over HTTP and over sockets). A window may be followed by another one of
 *   the same stretch, with the answers that came later.
 * - `sample` `harness.load` (1/s): requests sent, every 10 s: the load a trend is held beside. `harness.sockets.cut` (1):
 *   sockets of ours that were closed as expected in the last minute. `harness.users` (1), `of` asked, refused and present.
 * - `event` `disconnect`: sockets that were closed and ought not to have been.
 * - `ours` `gap`: a stretch of ours (killed, own network lost, stood still); what lies in it counts neither way. `resumed`,
 *   `killed`, `disk-full`, `clock-jump` say what happened and spoil nothing once the run has gone on.
 * - `note` `called`: the continuous judge said so then. What is judged is the record alone.
 */
export type { Sample, Watcher, WatchersFor, Watching } from '../../probes/watch/types.ts';

/** What a soak check's body is given. It starts what it needs and returns; the engine ends all of it. */
export interface SoakContext extends Watching {
  readonly clock: RunClock;
  /** The checks that are planned: nothing is recorded for others. */
  readonly checks: ReadonlySet<string>;
  /** Of every name this soak gives: `sd-1a2b`. */
  readonly scope: string;
  readonly plan: SoakPlan;
  /** Milliseconds of the run's clock that are still to be covered, this process and later ones together. */
  readonly leftMs: number;
  /** How many users the background traffic is asked to be. */
  readonly users: number;
  /** A proxy may close a socket of this age, ms of the run's clock; any other closing is the deployment's doing. */
  readonly socketLimitMs: number;
  readonly k6Path: string;
  /** What an ended process left behind is taken away; users are made after that. */
  readonly ready: Promise<void>;
  /** Runs a task on an even grid of the run's clock, whether or not the one before has come back. `everyMs` of the soak. */
  every(name: string, everyMs: number, task: (dueMs: number) => Promise<void>): void;
  /** A watcher of a name that is watched already is closed again. */
  watch(watcher: Watcher): void;
  /** Whether this process stood still in a stretch of time: what was timed across it says nothing about the deployment. */
  disturbed(fromMs: number, toMs: number): boolean;
  /** A stretch of ours. */
  gap(fromMs: number, toMs: number, detail: string): void;
  /** Counts requests sent by somebody else than this process. */
  sent(requests: number): void;
  /** Work that ends by itself once the signal is aborted; clean-ups wait for it. */
  lasts(work: Promise<void>): void;
  /** Runs when the soak ends, also when it is stopped; in the reverse order. What it returns takes it back. */
  cleanup(undo: () => Promise<void>): () => void;
  /** Said once for each kind and sentence; spoils nothing unless told so. */
  ours(what: OursEntry['what'], detail: string, spoils?: boolean): void;
}

/** One file a check, `suites/soak/NAME.ts`, whose default export is the body. */
export type SoakBody = (soak: SoakContext) => void | Promise<void>;
