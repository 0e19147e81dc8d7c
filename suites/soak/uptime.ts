import { faultOfHealth, healthUrl } from '../../platform/health.ts';
import { trpc, whyNoData } from '../../platform/trpc.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import { ownTrouble } from '../../probes/own-network.ts';
import type { SoakBody, SoakContext } from '../../runners/soak/types.ts';

const check = 'soak.uptime';
const assertion = 'T-uptime';
/** The API's own word for itself every slot, and once a minute a query of its data: anonymous callers may have few. */
const queryEverySlots = 12;

/** One slot after the other; a slot that nobody could ask for a cause of ours is left out and lies in a gap. */
const body: SoakBody = (soak) => {
  const http = openHttp(soak);
  const lost = new LostNetwork(soak);
  soak.cleanup(async () => {
    lost.end(soak.now());
    await http.close();
  });
  soak.every('slot', soak.plan.slotMs * soak.timeScale, async (dueMs) => {
    const startMs = soak.now();
    const because = await whyNotThere(soak, http, Math.round(dueMs / soak.plan.slotMs) % queryEverySlots === 0);
    if (soak.signal.aborted || (because !== null && soak.disturbed(dueMs, soak.now()))) return;
    const own = because === null ? null : ownTrouble(because);
    if (own !== null) {
      lost.at(dueMs, own);
      return;
    }
    lost.end(dueMs);
    record(soak, { dueMs, startMs, because });
  });
};

export default body;

async function whyNotThere(soak: SoakContext, http: Http, alsoData: boolean): Promise<string | null> {
  const { environment } = soak;
  const [health, data] = await Promise.all([
    http.ask(healthUrl(environment)),
    alsoData ? trpc(http, environment.api!).query(environment.api!.publicQuery) : null,
  ]);
  if (!health.ok) return health.because;
  const fault = health.status === 200 ? faultOfHealth(health, environment) : `answered ${health.status}`;
  if (fault !== null) return `/health ${fault}`;
  // Whoever is told to come later has been answered.
  if (data === null || (data.ok && data.status === 429) || data.status === 429) return null;
  const wrong = whyNoData(data);
  return wrong === null ? null : `a public query: ${wrong}`;
}

interface Slot {
  readonly dueMs: number;
  readonly startMs: number;
  readonly because: string | null;
}

function record(soak: SoakContext, { dueMs, startMs, because }: Slot): void {
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
