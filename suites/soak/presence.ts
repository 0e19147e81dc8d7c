import { ownTrouble } from '../../probes/own-network.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { type Cohort, isNoError } from './cohort.ts';

const everyMs = 60_000;
/** Users who sent nothing for so long, ms of the run's clock, are not there: the shortest of their pauses is a minute. */
const silentMs = 180_000;
const mostNotes = 20;

/**
 * How many users the background was asked to have, and how many there were: a load that was never sent is no evidence.
 * Recorded as samples of `harness.users`; `refused` are those the deployment did not take.
 */
export class Presence {
  readonly #soak: SoakContext;
  #asked = 0;
  #present = 0;
  #refused = false;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #why: string | null = null;
  #notes = 0;

  constructor(soak: SoakContext) {
    this.#soak = soak;
    soak.every('users', everyMs, async () => this.#tell());
  }

  /** `missing`: why there will be none of them, a cause of ours. */
  asked(users: number, missing: string | null): void {
    this.#asked = users;
    if (missing !== null) this.#lack(false, missing);
  }

  nobody({ failures, failed, needs }: Cohort): void {
    this.#lack(isRefused(failures), needs === null ? (failed ?? 'nobody could be made') : `needs ${needs}`);
  }

  here({ people, failures }: Cohort): void {
    this.#present = people.length;
    this.#refused = false;
    this.sent();
    if (people.length < this.#asked) this.#lack(isRefused(failures), failures.at(-1) ?? 'fewer could be made');
  }

  /** Of those who are there; `why`: the deployment lost what they sent. */
  gone(why: string | null): void {
    this.#present = 0;
    if (why !== null) this.#lack(true, why);
  }

  sent(): void {
    this.#sentAtMs = this.#soak.now();
  }

  #lack(isRefused: boolean, why: string): void {
    this.#refused = isRefused;
    if (this.#soak.signal.aborted || why === this.#why || this.#notes >= mostNotes) return;
    this.#why = why;
    this.#notes += 1;
    this.#soak.emit({ kind: 'note', what: 'users of the background are missing', detail: why, unseen: 'background' });
  }

  #tell(): void {
    const { now, emit } = this.#soak;
    const atMs = Math.round(now());
    const isSilent = atMs - this.#sentAtMs > silentMs;
    const present = isSilent ? 0 : Math.min(this.#asked, this.#present);
    const users = (of: string, value: number) =>
      emit({ kind: 'sample', series: 'harness.users', unit: '1', labels: { of }, atMs, value });
    users('asked', this.#asked);
    users('refused', this.#refused ? this.#asked - present : 0);
    users('present', present);
  }
}

/** Too many at once, a given account that may be wrong, or our own trouble, is nobody's refusal. */
const isRefused = (failures: readonly string[]): boolean =>
  failures.some((because) => !isNoError(because) && ownTrouble(because) === null);
