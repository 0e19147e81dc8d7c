import type { WindowEntry } from '../../record/entries.ts';
import {
  type AlertDelay,
  type AlertRule,
  alertDelays,
  alertRules,
  type Breach,
  GaugeBreaches,
  ShareBreaches,
} from './thresholds.ts';
import type { Watched } from './watched.ts';

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

interface GaugeSource {
  readonly rules: readonly RuleName[];
  /** As a share of its limit, as it is, or turned round. */
  readonly as: 'share' | 'value' | 'down';
}

const gauges: Readonly<Record<string, GaugeSource>> = {
  'postgres.connections': { rules: ['database.connections'], as: 'share' },
  'postgres.disk': { rules: ['database.disk'], as: 'share' },
  'redis.memory': { rules: ['redis.exhausted', 'redis.memory'], as: 'share' },
  'livekit.up': { rules: ['livekit.down'], as: 'down' },
  'realtime.connections': { rules: ['realtime.connections'], as: 'value' },
};

/** The readiness thresholds, each watched from whatever tells of it, and the deployment's own notifications beside them. */
export class AlertFold {
  watched = false;
  readonly #gauges = new Map<RuleName, { readonly breaches: GaugeBreaches; lastMs: number; everyMs: number }>();
  #errors: ShareBreaches | undefined;
  readonly #notified = new Map<string, number[]>();

  sample(series: Watched, atMs: number, value: number): void {
    const source = gauges[series.series];
    if (!source) return;
    const seen = valueAs(source.as, value, series.limit);
    if (seen === null) return;
    for (const rule of source.rules) {
      const gauge = this.#gauge(rule);
      gauge.everyMs = Math.min(300_000, Math.max(gauge.everyMs, atMs - gauge.lastMs));
      gauge.lastMs = atMs;
      gauge.breaches.add(atMs, seen);
    }
  }

  /** Everything that was sent in a stretch: how much of it was answered rightly. */
  answers({ good = 0, lost = {} }: WindowEntry, fromMs: number, toMs: number): void {
    const k = Object.values(lost).reduce((sum, each) => sum + each, 0);
    this.#errors ??= new ShareBreaches(alertRules['api.errors']);
    this.#errors.add({ fromMs, toMs, n: good + k, k });
  }

  notified(rule: string, atMs: number): void {
    const known = this.#notified.get(rule);
    if (known) known.push(atMs);
    else this.#notified.set(rule, [atMs]);
  }

  /** null: nothing told of it. */
  breaches(rule: RuleName, latency: ShareBreaches | undefined): readonly Breach[] | null {
    const share = rule === 'api.latency' ? latency : rule === 'api.errors' ? this.#errors : undefined;
    return (share ?? this.#gauges.get(rule)?.breaches)?.end() ?? null;
  }

  delays(rule: RuleName, breaches: readonly Breach[], graceMs: number): readonly AlertDelay[] {
    const between = this.#gauges.get(rule)?.everyMs ?? 60_000;
    return alertDelays(breaches, this.#notified.get(rule) ?? [], graceMs, between);
  }

  #gauge(rule: RuleName) {
    const known = this.#gauges.get(rule);
    if (known) return known;
    const made = {
      breaches: new GaugeBreaches(alertRules[rule] as AlertRule & { kind: 'gauge' }),
      lastMs: Number.POSITIVE_INFINITY,
      everyMs: 0,
    };
    this.#gauges.set(rule, made);
    return made;
  }
}

function valueAs(as: GaugeSource['as'], value: number, limit: number | null): number | null {
  if (as === 'value') return value;
  if (as === 'down') return 1 - value;
  return limit === null ? null : value / limit;
}
