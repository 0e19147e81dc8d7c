/**
 * What the soak's engine writes, for whoever judges it. Times are milliseconds of the run's own clock, unscaled; after a
 * resume they go on by the wall clock, so that a gap is as long as it was.
 *
 * - `measurement` of `soak.uptime`/`T-uptime`: one a slot, `dueMs` on the grid of `run.soak.slotMs`. A slot that could not
 *   be sent for a cause of ours is not there; the `gap` beside it says why.
 * - `window` of at most 10 s of `soak.latency`/`T-api`, `T-chat`, `T-search`, `T-ws-connect`, `T-ws-msg`, and of
 *   `soak.critical`/`answers` (`good` and `lost` by cause of everything sent). A window may be followed by another one of
 *   the same stretch, with the answers that came later.
 * - `sample` `harness.load` (1/s): requests sent, every 10 s: the load a trend is held beside.
 * - `event` of a socket that the deployment closed, expected or not.
 * - `ours` `gap`: a stretch of ours (killed, own network lost, stood still); what lies in it counts neither way. `resumed`,
 *   `killed`, `disk-full`, `clock-jump` say what happened and spoil nothing once the run has gone on.
 * - `note` `called`: the continuous judge said so then. What is judged is the record alone.
 */
export type { Sample, Watcher, WatchersFor, Watching } from '../../probes/watch/types.ts';
