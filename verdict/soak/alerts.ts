import type { WindowEntry } from '../../record/entries.ts';
import { Connections } from './connections.ts';
import type { Looks } from './looks.ts';
import {
  type AlertDelay,
  type AlertRule,
  alertDelays,
  alertRules,
  type Breach,
  GaugeBreaches,
  merged,
  ShareBreaches,
} from './thresholds.ts';
import { seriesKey, type Watched } from './watched.ts';

export type RuleName = keyof typeof alertRules;
export const ruleNames = Object.keys(alertRules) as RuleName[];

/** What it takes to watch a threshold, for people. */
export const ruleNeeds: Readonly<Record<RuleName, string>> = {
  'api.errors': 'api',
  'api.latency': 'api',
  'database.connections': 'database.appUrl or cloud',
  'database.disk': 'database.diskBytes or cloud',
  'redis.exhausted': 'redis.url and a maxmemory, or cloud',
  'redis.memory': 'redis.url and a maxmemory, or cloud',
  'livekit.down': 'meetings or metrics',
  'realtime.connections': 'metrics or the number of connections in /health',
};

/** What visits lost on sockets, signalling included, by the words of `suites/load/k6`: its books of errors hold all in one. */
const ofSockets = /^(socket|message|meeting|close|not-let-in)-|^not-(connected|a-message)$/;

const isRule = (name: string): boolean => Object.hasOwn(alertRules, name);
/** An alerting that makes a name for each alert has no end of them. */
const mostNames = 200;

interface GaugeSource {
  readonly rules: readonly RuleName[];
  /** As a share of its limit, turned round, or the sum of what every service has. */
  readonly as: 'share' | 'down' | 'sum';
}

const gauges: Readonly<Record<string, GaugeSource>> = {
  'postgres.connections': { rules: ['database.connections'], as: 'share' },
  'postgres.disk': { rules: ['database.disk'], as: 'share' },
  'redis.memory': { rules: ['redis.exhausted', 'redis.memory'], as: 'share' },
  'livekit.up': { rules: ['livekit.down'], as: 'down' },
  'realtime.connections': { rules: ['realtime.connections'], as: 'sum' },
};

interface Gauge {
  /** One for each source: two of them in turn, one above and one below, are no wandering between the two. */
  readonly detectors: Map<string, Detector>;
  readonly looks: Set<Looks>;
  /** The longest time between two samples of one source. */
  everyMs: number;
}

interface Detector {
  readonly breaches: GaugeBreaches;
  lastMs: number;
}

/** What the deployment's alerting told of one threshold. */
interface Told {
  readonly at: number[];
  readonly firing: { readonly fromMs: number; toMs: number }[];
}

/** The readiness thresholds, each watched from whatever tells of it, and the deployment's own notifications beside them. */
export class AlertFold {
  /** When the deployment's notifications were read; null: never. */
  read: Looks | null = null;
  readonly #gauges = new Map<RuleName, Gauge>();
  readonly #connections = new Connections();
  #errors: ShareBreaches | undefined;
  readonly #notified = new Map<string, Told>();
  /** Thresholds whose name in the deployment's alerting is known. */
  #named: ReadonlySet<string> = new Set();

  sample(series: Watched, atMs: number, value: number): void {
    const source = gauges[series.series];
    if (!source) return;
    const seen =
      source.as === 'sum' ? this.#connections.sum(series, atMs, value) : shareOrDown(source.as, value, series);
    if (seen === null) return;
    const key = source.as === 'sum' ? '' : seriesKey(series.series, series.labels);
    for (const rule of source.rules) {
      const gauge = this.#gauge(rule);
      gauge.looks.add(series.looks);
      const detector = detectorOf(gauge, rule, key);
      gauge.everyMs = Math.min(300_000, Math.max(gauge.everyMs, atMs - detector.lastMs));
      detector.lastMs = atMs;
      detector.breaches.add(atMs, seen);
    }
  }

  /** Everything that was sent in a stretch: how much of it was answered rightly. What was lost on sockets is no error of the API. */
  answers({ good = 0, lost = {} }: WindowEntry, fromMs: number, toMs: number): void {
    let k = 0;
    for (const cause in lost) if (!ofSockets.test(cause)) k += lost[cause]!;
    this.#errors ??= new ShareBreaches(alertRules['api.errors']);
    this.#errors.add({ fromMs, toMs, n: good + k, k });
  }

  notified(rule: string, atMs: number, lasts = false): void {
    const { at, firing } = this.#told(rule);
    at.push(atMs);
    // Repeated while it lasts, it is still the same.
    if (lasts && firing.at(-1)?.toMs !== Number.POSITIVE_INFINITY)
      firing.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  }

  resolved(rule: string, atMs: number): void {
    const { firing } = this.#told(rule);
    const last = firing.at(-1);
    if (last) last.toMs = Math.min(last.toMs, atMs);
  }

  /** null: nothing told of it. */
  breaches(rule: RuleName, latency: ShareBreaches | undefined): readonly Breach[] | null {
    const share = rule === 'api.latency' ? latency : rule === 'api.errors' ? this.#errors : undefined;
    if (share) return share.end();
    const gauge = this.#gauges.get(rule);
    return gauge ? merged([...gauge.detectors.values()].flatMap((one) => one.breaches.end())) : null;
  }

  /** Everything that has to be looked at to say that a threshold was never crossed. */
  looks(rule: RuleName, latency: Looks | undefined, answers: Looks): readonly Looks[] {
    if (rule === 'api.latency') return latency ? [latency] : [];
    return rule === 'api.errors' ? [answers] : [...(this.#gauges.get(rule)?.looks ?? [])];
  }

  delays(rule: RuleName, breaches: readonly Breach[], graceMs: number): readonly AlertDelay[] {
    const between = this.#gauges.get(rule)?.everyMs ?? 60_000;
    const { at, firing } = this.#told(rule);
    return alertDelays(breaches, at, graceMs, between, firing);
  }

  /** `rules`: those whose name is said in the environment file, with spaces between. */
  named(rules: string | undefined): void {
    if (rules !== undefined && this.#named.size === 0) this.#named = new Set(rules.split(' '));
  }

  /** Names nobody knows that were told while a threshold was crossed: one of them may be what the deployment calls it. */
  perhaps(rule: RuleName, { fromMs, toMs }: Breach, graceMs: number): readonly string[] {
    if (this.#named.has(rule) || this.#told(rule).at.length > 0) return [];
    const from = fromMs - (this.#gauges.get(rule)?.everyMs ?? 60_000);
    const until = (toMs ?? Infinity) + graceMs;
    const meets = ({ at, firing }: Told) =>
      at.some((ms) => ms >= from && ms <= until) || firing.some((one) => one.fromMs <= fromMs && fromMs < one.toMs);
    return [...this.#notified].filter(([name, told]) => !isRule(name) && meets(told)).map(([name]) => name);
  }

  /** Whether the notifications were read while a breach was new: one that nobody read was not swallowed. */
  wereRead({ fromMs, calledAtMs }: Breach, endMs: number): boolean {
    return this.read !== null && this.read.lastMs >= calledAtMs && this.read.covers(fromMs, calledAtMs, endMs);
  }

  #told(rule: string): Told {
    const known = this.#notified.get(rule);
    if (known) return known;
    const made: Told = { at: [], firing: [] };
    if (isRule(rule) || this.#notified.size < mostNames) this.#notified.set(rule, made);
    return made;
  }

  #gauge(rule: RuleName): Gauge {
    const known = this.#gauges.get(rule);
    if (known) return known;
    const made: Gauge = { detectors: new Map(), looks: new Set(), everyMs: 0 };
    this.#gauges.set(rule, made);
    return made;
  }
}

function detectorOf({ detectors }: Gauge, rule: RuleName, key: string): Detector {
  const known = detectors.get(key);
  if (known) return known;
  const breaches = new GaugeBreaches(alertRules[rule] as AlertRule & { kind: 'gauge' });
  const made = { breaches, lastMs: Number.POSITIVE_INFINITY };
  detectors.set(key, made);
  return made;
}

function shareOrDown(as: 'share' | 'down', value: number, { limit }: Watched): number | null {
  if (as === 'down') return 1 - value;
  return limit === null ? null : value / limit;
}
