import { statuses } from '../verdict/types.ts';
import type { Reporter } from './reporter.ts';

/** `report.json` is the report itself, with its keys in one order and its numbers rounded to what they can mean. */
export const json: Reporter = {
  name: 'json',
  render: (report) => [{ path: 'report.json', text: `${JSON.stringify(stable(report), null, 2)}\n` }],
};

/** Keys in the order a person looks for them; a key that is not here comes after these, by name. */
const order: readonly string[] = [
  ...['schema', 'run', 'verdict', 'headline', 'exitCode', 'partial', 'profile', 'environment', 'revision', 'suites'],
  ...['notBuilt', 'skipped', 'startedAt', 'tookMs', 'complete', 'harness', 'counts', 'checks'],
  ...['findings', 'residue', 'ours', 'notes'],
  ...['id', 'claim', 'name', 'target', 'statistic', 'status', 'without', 'waiver', 'assertions'],
  ...['expected', 'observed', 'samples', 'interval', 'intervalUnit'],
  ...[
    'suite',
    'check',
    'severity',
    'where',
    'what',
    'why',
    'needs',
    'reproduce',
    'fix',
    'asvs',
    'rule',
    'detail',
    'file',
    'distribution',
  ],
  ...['reason', 'owner', 'until', 'expired', 'fromMs', 'toMs', 'spoils'],
  ...['unit', 'limit', 'lost', 'quantiles', 'buckets', 'p50', 'p90', 'p95', 'p99', 'max', 'from', 'to', 'count'],
  ...statuses,
];
const rank = new Map(order.toReversed().map((key, index) => [key, order.length - index]));

function byRank([a]: [string, unknown], [b]: [string, unknown]): number {
  const difference = (rank.get(a) ?? order.length + 1) - (rank.get(b) ?? order.length + 1);
  if (difference !== 0) return difference;
  return a < b ? -1 : 1;
}

/** `unit` is that of the nearest object which names one, so that a latency is told from a share. */
function stable(value: unknown, key = '', unit = ''): unknown {
  if (typeof value === 'number') return rounded(value, key.endsWith('Ms') || unit === 'ms');
  if (Array.isArray(value)) return value.map((item) => stable(item, key, unit));
  if (typeof value !== 'object' || value === null) return value;
  const own = unitOf(value) ?? unit;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(byRank);
  return Object.fromEntries(entries.map(([name, item]) => [name, stable(item, name, own)]));
}

function unitOf(value: object): string | undefined {
  if ('unit' in value) return String(value.unit);
  return 'intervalUnit' in value ? String(value.intervalUnit) : undefined;
}

/** Durations to a microsecond; anything else to nine digits, which ends the last place's noise and keeps a small share. */
const rounded = (value: number, isDuration: boolean): number | null => {
  if (!Number.isFinite(value)) return null;
  return isDuration ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(9));
};
