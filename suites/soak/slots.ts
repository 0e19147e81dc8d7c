import { faultOfHealth, healthUrl } from '../../platform/health.ts';
import { trpc, whyNoData } from '../../platform/trpc.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import { ownTrouble } from '../../probes/own-network.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { WindowFold } from '../../runners/soak/windows.ts';
import { Handshakes } from './handshakes.ts';
import { openStream } from './streams.ts';

const check = 'soak.uptime';
const assertion = 'T-uptime';
/** The API's own word for itself every slot, and once a minute a query of its data: anonymous callers may have few. */
const queryEverySlots = 12;

const started = new WeakSet<SoakContext>();

/** One slot after the other; one that nobody could ask for a cause of ours is left out and lies in a gap. Its /health is timed as well. */
export function startSlots(soak: SoakContext): void {
  if (started.has(soak)) return;
  started.add(soak);
  const slots = new Slots(soak, openStream(soak, 'T-health'));
  soak.cleanup(() => slots.end());
  soak.every('slot', soak.plan.slotMs * soak.timeScale, (dueMs) => slots.slot(dueMs));
}

/** What came of one question. */
interface Asked {
  readonly because: string | null;
  readonly doneMs: number;
}

class Slots {
  readonly #soak: SoakContext;
  readonly #handshakes: Handshakes;
  /** Of its own, so that it is known which of its questions had to connect first. */
  readonly #toHealth: Http;
  readonly #toData: Http;
  readonly #health: WindowFold;
  readonly #lost: LostNetwork;
  /** Once its data was not to be had it is asked for in every slot, so that an outage of it has its length. */
  #isDataAway = false;

  constructor(soak: SoakContext, health: WindowFold) {
    this.#soak = soak;
    this.#handshakes = new Handshakes(soak);
    this.#toHealth = openHttp(soak, (tookMs) => this.#handshakes.took(tookMs));
    this.#toData = openHttp(soak);
    this.#health = health;
    this.#lost = new LostNetwork(soak);
  }

  async end(): Promise<void> {
    this.#lost.end(this.#soak.now());
    await Promise.all([this.#toHealth.close(), this.#toData.close()]);
  }

  async slot(dueMs: number): Promise<void> {
    const soak = this.#soak;
    const startMs = soak.now();
    const isDue = Math.round(dueMs / soak.plan.slotMs) % queryEverySlots === 0;
    const [health, data] = await Promise.all([
      this.#asked(() => whyUnhealthy(soak, this.#toHealth)),
      isDue || this.#isDataAway ? this.#asked(() => whyWithoutData(soak, this.#toData)) : null,
    ]);
    if (soak.signal.aborted) return;
    this.#timed(dueMs, startMs, health);
    const slot = { dueMs, startMs, because: health.because ?? data?.because ?? null };
    if (this.#isOurs(slot)) return;
    if (data !== null) this.#isDataAway = data.because !== null;
    this.#lost.end(dueMs);
    record(soak, slot);
  }

  async #asked(ask: () => Promise<string | null>): Promise<Asked> {
    const because = await ask();
    return { because, doneMs: this.#soak.now() };
  }

  #timed(dueMs: number, startMs: number, { because, doneMs }: Asked): void {
    const ours = (because !== null && ownTrouble(because) !== null) || this.#soak.disturbed(dueMs, doneMs);
    const connectedMs = this.#handshakes.leftOut();
    if (ours) this.#health.unsent(dueMs);
    else if (because === null) this.#health.answered(dueMs, startMs, Math.max(startMs, doneMs - connectedMs));
    else this.#health.lost(dueMs, because);
  }

  /** Tells what of ours it was. While we stood still only a time-out may be our own doing; a refusal is the deployment's. */
  #isOurs({ dueMs, because }: Slot): boolean {
    const soak = this.#soak;
    if (because === null) return false;
    const own = ownTrouble(because);
    if (own !== null) {
      this.#lost.at(dueMs, own);
      return true;
    }
    if (!timedOut.test(because) || !soak.disturbed(dueMs, soak.now())) return false;
    soak.gap(dueMs, dueMs + soak.plan.slotMs, `this process stood still while it waited: ${because}`);
    return true;
  }
}

const timedOut = /within [\d.]+ s$/;

async function whyUnhealthy({ environment }: SoakContext, http: Http): Promise<string | null> {
  const health = await http.ask(healthUrl(environment));
  if (!health.ok) return health.because;
  const fault = health.status === 200 ? faultOfHealth(health, environment) : `answered ${health.status}`;
  return fault === null ? null : `/health ${fault}`;
}

async function whyWithoutData({ environment }: SoakContext, http: Http): Promise<string | null> {
  const data = await trpc(http, environment.api!).query(environment.api!.publicQuery);
  // Whoever is told to come later has been answered.
  if ((data.ok && data.status === 429) || data.status === 429) return null;
  const wrong = whyNoData(data);
  return wrong === null ? null : `a public query: ${wrong}`;
}

interface Slot {
  readonly dueMs: number;
  readonly startMs: number;
  readonly because: string | null;
}

function record(soak: SoakContext, { dueMs, startMs, because }: Slot): void {
  if (!soak.checks.has(check)) return;
  const base = { kind: 'measurement', check, assertion, dueMs: round(dueMs), startMs: round(startMs) } as const;
  if (because === null) soak.emit({ ...base, ok: true, tookMs: round(soak.now() - startMs) });
  else soak.emit({ ...base, ok: false, because, tookMs: round(soak.now() - startMs) });
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** A lost network is told while it lasts, so that a record that ends in it has the gap. */
const tellEveryMs = 60_000;

/** The stretch in which this machine itself could not ask. */
class LostNetwork {
  readonly #soak: SoakContext;
  #fromMs: number | null = null;
  #why = '';

  constructor(soak: SoakContext) {
    this.#soak = soak;
  }

  at(dueMs: number, why: string): void {
    this.#fromMs ??= dueMs;
    this.#why = why;
    if (dueMs - this.#fromMs < tellEveryMs) return;
    this.#tell(dueMs);
    this.#fromMs = dueMs;
  }

  end(dueMs: number): void {
    if (this.#fromMs !== null) this.#tell(dueMs);
    this.#fromMs = null;
  }

  #tell(toMs: number): void {
    this.#soak.gap(this.#fromMs!, toMs, this.#why);
  }
}
