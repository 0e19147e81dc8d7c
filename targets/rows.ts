import type { Compare, Source, Statistic, Target, TargetValue, Unit } from './types.ts';

type Values = Partial<Record<Source, readonly [value: number, text: string]>>;
type Taken = Pick<Target, 'definition' | 'fewest'>;

const http = 'from the due time to the last byte; the share at or over the value against 5 %, lost ones included';
const share95 = 'the share at or over the value against 5 %, lost ones included';
const coldLoads = 'median of at least 5 cold loads of each page, with its 95 % interval by order statistics';
const lighthouse = `${coldLoads}; Lighthouse, mobile preset, simulated throttling`;

/** Every T- row of the requirements, in their order; where the sources disagree, every value stands. */
export const rows: readonly Target[] = [
  latency('T-health', '`/health` latency', { R: [50, '< 50 ms'] }, http),
  latency(
    'T-api',
    'tRPC query latency',
    { R: [200, '< 200 ms'], P: [100, '< 100 ms'], 'I-staging': [500, '< 500 ms'], 'I-production': [200, '< 200 ms'] },
    http,
  ),
  latency('T-chat', 'AI chat answer', { R: [2000, '< 2 s'] }, `to the complete answer; ${share95}`),
  latency('T-search', 'knowledge search', { R: [500, '< 500 ms'] }, http),
  latency(
    'T-db',
    'common database query',
    { P: [50, '< 50 ms'], 'I-staging': [200, '< 200 ms'], 'I-production': [100, '< 100 ms'] },
    `a set of our own read-only queries timed on one connection; ${share95}`,
  ),
  row(
    'T-fcp',
    'First Contentful Paint',
    'median',
    'ms',
    'below',
    { R: [1000, '< 1 s'], P: [1500, '< 1.5 s'] },
    {
      definition: lighthouse,
      fewest: 5,
    },
  ),
  row(
    'T-tti',
    'Time to Interactive',
    'median',
    'ms',
    'below',
    { R: [3000, '< 3 s'], P: [5000, '< 5 s'] },
    {
      definition: lighthouse,
      fewest: 5,
    },
  ),
  row(
    'T-load3g',
    'page load on 3G',
    'median',
    'ms',
    'below',
    { R: [3000, '< 3 s'], P: [3000, '< 3 s'] },
    {
      definition: `${coldLoads}; load event at 150 ms round trip, 1.6 Mbit/s down, 0.75 Mbit/s up`,
      fewest: 5,
    },
  ),
  row(
    'T-lh',
    'Lighthouse performance',
    'median',
    '1',
    'above',
    { R: [90, '> 90'], P: [90, '> 90'] },
    {
      definition: 'median of at least 5 runs of the Lighthouse performance category',
      fewest: 5,
    },
  ),
  row(
    'T-bundle',
    'initial JS and CSS',
    'exact',
    'By',
    'below',
    { P: [500_000, '< 500 KB'] },
    {
      definition: 'bytes of script and style the first view fetches; compressed is judged, raw is shown',
    },
  ),
  row(
    'T-widget',
    'widget initialisation',
    'median',
    'ms',
    'below',
    { P: [100, '< 100 ms'] },
    {
      definition: coldLoads,
      fewest: 5,
    },
  ),
  latency('T-ws-connect', 'WebSocket connect', { R: [500, '< 500 ms'] }, share95),
  latency(
    'T-ws-msg',
    'WebSocket message latency',
    { R: [100, '< 100 ms'], P: [50, '< 50 ms'] },
    `send to receipt at the other user, both on our clock; ${share95}`,
  ),
  row(
    'T-ws-reconnect',
    'reconnect after a drop, nothing lost',
    'census',
    'ms',
    'below',
    { R: [3000, '< 3 s'] },
    {
      definition: 'every one of at least 20 cuts, from the cut to the first replayed or live message',
      fewest: 20,
    },
  ),
  latency('T-lk-join', 'LiveKit room join', { R: [2000, '< 2 s'] }, share95),
  latency('T-lk-video', 'first video frame', { R: [3000, '< 3 s'] }, share95),
  latency('T-lk-audio', 'audio latency end to end', { R: [300, '< 300 ms'] }, share95),
  row(
    'T-lk-loss',
    'media packet loss',
    'proportion',
    '%',
    'below',
    { 'I-production': [1, '< 1 %'] },
    {
      definition: 'lost packets of all packets, from getStats',
    },
  ),
  row(
    'T-errors',
    'error rate',
    'proportion',
    '%',
    'below',
    { R: [0.1, '< 0.1 %'], 'I-production': [0.5, '< 0.5 %'] },
    {
      definition:
        'no answer, 5xx, 429 for a legitimate user, a tRPC error inside a 207, an unexpected close code, a wrong answer',
    },
  ),
  row(
    'T-uptime',
    'availability',
    'proportion',
    '%',
    'at-least',
    { P: [99.9, '99.9 %'], 'I-staging': [95, '95 %'], 'I-production': [99.9, '99.9 %'] },
    { definition: 'share of probe slots answered, one every 5 s' },
  ),
  row(
    'T-ratelimit',
    'rate limit effectiveness',
    'proportion',
    '%',
    'at-least',
    { P: [99.9, '99.9 %'] },
    {
      definition: 'abusive requests refused and legitimate ones served',
    },
  ),
  row(
    'T-isolation',
    'tenant isolation',
    'census',
    '%',
    'at-least',
    { P: [100, '100 %'] },
    {
      definition: 'every planned cell held, none unprobed',
    },
  ),
  row(
    'T-csrf',
    'state-changing routes that enforce CSRF',
    'census',
    '%',
    'at-least',
    { P: [100, '100 %'] },
    {
      definition: 'every planned cell held, none unprobed',
    },
  ),
  row(
    'T-vulns',
    'critical vulnerabilities',
    'exact',
    '1',
    'at-most',
    { R: [0, '0'], P: [0, '0'] },
    {
      definition: 'count of severity critical; high is counted and shown, and as a finding fails its check',
    },
  ),
  row(
    'T-alert',
    'alert response',
    'census',
    'ms',
    'below',
    { R: [5000, '< 5 s'] },
    {
      definition: 'each planted breach to the first notification of the alert',
    },
  ),
  row(
    'T-users',
    'concurrent users',
    'exact',
    '1',
    'at-least',
    { R: [100, '100'], P: [100, '100+'], 'I-production': [100, '100+'] },
    { definition: 'mean number of users at once' },
  ),
  row(
    'T-rate',
    'sustained API rate',
    'exact',
    '1/min',
    'at-least',
    { P: [1000, '1 000+ req/min'], 'I-production': [60_000, '1 000 req/s'] },
    { definition: 'requests answered rightly a minute, sustained' },
  ),
  row(
    'T-ws-conns',
    'WebSocket connections held',
    'exact',
    '1',
    'at-least',
    { 'I-production': [5000, '5 000'] },
    {
      definition: 'connections open at once with messages between them',
    },
  ),
  row(
    'T-db-rate',
    'database queries',
    'exact',
    '1/s',
    'at-least',
    { 'I-production': [10_000, '10 000 q/s'] },
    {
      definition: 'queries a second, from pg_stat_statements and from a bounded direct load',
    },
  ),
  row(
    'T-soak',
    'soak length',
    'exact',
    'h',
    'at-least',
    { R: [48, '48 h'] },
    {
      definition: 'length of the soak with no critical error, no restart and no leak',
    },
  ),
];

function latency(id: string, measure: string, values: Values, definition: string): Target {
  return row(id, `${measure}, P95`, 'P95', 'ms', 'below', values, { definition });
}

function row(
  id: string,
  measure: string,
  statistic: Statistic,
  unit: Unit,
  compare: Compare,
  values: Values,
  taken: Taken,
): Target {
  return { id, measure, statistic, unit, compare, values: withSources(values), ...taken };
}

function withSources(values: Values): Partial<Record<Source, TargetValue>> {
  const entries = Object.entries(values) as [Source, readonly [number, string]][];
  return Object.fromEntries(entries.map(([source, [value, text]]) => [source, { value, text, source }]));
}
