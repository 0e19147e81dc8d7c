import { type Http, openHttp } from '../../probes/http.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { Person } from '../load/prepare.ts';
import { type Cohort, makeCohort } from './cohort.ts';
import { type Hold, hold } from './holding.ts';
import { pacesFor } from './paces.ts';
import { probeApi, probeChat, probeConnect, probeSearch } from './probes.ts';
import { Servers } from './servers.ts';
import type { Streams, TimedStream, Told } from './streams.ts';

/**
 * A few users who are there all the time: they ask, search, chat and write to each other every few seconds, and each probe
 * is timed. Every two hours others take their place, so that nothing they store grows for longer than that.
 */
export async function startResidents(soak: SoakContext, streams: Streams): Promise<void> {
  const http = openHttp(soak);
  soak.cleanup(() => http.close());
  const place = new Place(soak, streams);
  await place.enter();
  if (place.cohort === null) return;
  const paces = pacesFor(soak, place.cohort);
  for (const note of paces.notes) soak.emit({ kind: 'note', what: 'less often than planned', detail: note });
  const each = (stream: TimedStream, probe: (http: Http, person: Person, turn: number) => Promise<Told>) => {
    const everyMs = paces.everyMs[stream];
    if (everyMs === null) return;
    let turn = 0;
    soak.every(stream, everyMs, async (dueMs) => {
      const person = place.next(turn++);
      if (person !== null) await streams.timed(stream, dueMs, () => probe(http, person, turn));
    });
  };
  each('T-api', (at, person, turn) => probeApi(soak, at, person, turn));
  each('T-search', (at, person) => probeSearch(soak, at, person));
  const purse = new Purse(soak);
  each('T-chat', async (at, person) => {
    if (purse.isEmpty()) return { ok: false, because: 'the budget in dollars is spent', ours: true };
    return purse.paid(await probeChat(soak, at, person, place.roomFor(person)));
  });
  each('T-ws-connect', (_, person, turn) => probeConnect(soak, person, turn));
  if (paces.everyMs['T-ws-msg'] !== null)
    soak.every('T-ws-msg', paces.everyMs['T-ws-msg'], (dueMs) => place.write(dueMs));
  soak.every('residents', rotateEveryMs / 60, () => place.rotateWhenDue());
}

const rotateEveryMs = 2 * 3_600_000;
const residents = 8;

/** Where the residents live; who is there changes, the place stays. */
class Place {
  readonly #soak: SoakContext;
  readonly #streams: Streams;
  readonly #servers: Servers;
  readonly #rooms = new Map<string, { id: string; asked: number }>();
  cohort: Cohort | null = null;
  #since = 0;
  #hold: Hold | null = null;
  #moving = false;

  constructor(soak: SoakContext, streams: Streams) {
    this.#soak = soak;
    this.#streams = streams;
    this.#servers = new Servers(soak);
  }

  /** The first residents decide what can be looked at at all. */
  async enter(): Promise<void> {
    const cohort = await makeCohort(this.#soak, this.#streams, residents);
    if (cohort.people.length > 0) return this.#moveIn(cohort);
    tellNobody(this.#soak, cohort);
    await cohort.retire();
  }

  next(turn: number): Person | null {
    const people = this.cohort?.people ?? [];
    return people[turn % Math.max(1, people.length)] ?? null;
  }

  /** The chat session a person asks in, with how often it was asked in: a long history is not what is being measured. */
  roomFor(person: Person): { id: string; asked: number } {
    const known = this.#rooms.get(person.email);
    if (known) return known;
    const made = { id: person.room, asked: 0 };
    this.#rooms.set(person.email, made);
    return made;
  }

  async write(dueMs: number): Promise<void> {
    if (this.#hold) await this.#hold.write(dueMs);
  }

  /** Those who come are ready before those who go leave; a deployment that is down keeps the old ones. */
  async rotateWhenDue(): Promise<void> {
    if (this.#moving || (this.#soak.now() - this.#since) * this.#soak.timeScale < rotateEveryMs) return;
    this.#moving = true;
    try {
      const cohort = await makeCohort(this.#soak, this.#streams, residents);
      if (cohort.people.length === 0) return await cohort.retire();
      const [before, held] = [this.cohort, this.#hold];
      this.#moveIn(cohort);
      held?.leave();
      await before?.retire();
    } finally {
      this.#moving = false;
    }
  }

  #moveIn(cohort: Cohort): void {
    this.cohort = cohort;
    this.#rooms.clear();
    this.#since = this.#soak.now();
    const { realtime } = this.#soak.environment;
    this.#hold = realtime === null ? null : hold(this.#soak, this.#streams, cohort.people, this.#servers);
  }
}

/** Half of the dollars that may be spent are for timed questions, the other half for the background's. */
class Purse {
  readonly #soak: SoakContext;
  #spentUsd = 0;

  constructor(soak: SoakContext) {
    this.#soak = soak;
  }

  isEmpty(): boolean {
    const { usd } = this.#soak.environment.budget;
    if (this.#spentUsd < usd / 2) return false;
    this.#soak.ours('budget', `half of the ${usd} dollars of the budget is spent: no further timed questions`);
    return true;
  }

  paid(told: Told): Told {
    if (told.ok) this.#spentUsd += told.usd ?? 0;
    return told;
  }
}

/** Nobody could be made: the deployment's doing, or a grant that is missing. A soak that was stopped over it says neither. */
function tellNobody(soak: SoakContext, { needs, failed }: Cohort): void {
  if (soak.signal.aborted) return;
  const checks = ['soak.latency', 'soak.critical'].filter((check) => soak.checks.has(check));
  for (const check of checks) {
    if (needs !== null) soak.emit({ kind: 'unmet', check, needs });
    else if (check === 'soak.critical')
      soak.emit({
        kind: 'measurement',
        check,
        assertion: 'answers',
        startMs: Math.round(soak.now()),
        ok: false,
        because: `no user could be made ready: ${failed}`,
      });
  }
}
