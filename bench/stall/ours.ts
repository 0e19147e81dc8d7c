import { mkdirSync, writeFileSync } from 'node:fs';
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { runClock } from '../../record/clock.ts';
import type { Entry, WindowEntry } from '../../record/entries.ts';
import { constantLoad } from '../../suites/load/constant.ts';
import { stallServer } from '../../test/servers/stall.ts';
import { judge } from '../../verdict/judge.ts';

/**
 * Ours against a server that freezes for the last 2 s of every 10 s, at 500 requests a second: the truth is P95 1 505 ms
 * and P99 1 905 ms. Usage: node bench/stall/ours.ts K6 USERS [SECONDS]
 */
const [k6Path, usersText = '1200', secondsText = '180'] = process.argv.slice(2);
if (k6Path === undefined) throw new Error('expected the path of our k6');

const check = 'load.stall';
const users = Number(usersText);
const seconds = Number(secondsText);
const server = await stallServer();
const clock = runClock();
const entries: Entry[] = [
  {
    kind: 'run',
    schema: '1.0',
    id: `bench-stall-${users}`,
    environment: 'stall server',
    profile: 'readiness',
    suites: ['load'],
    partial: false,
    harness: 'bench',
    startedAt: new Date().toISOString(),
  },
  { kind: 'plan', check, claim: 'T-api: P95 < 200 ms', assertions: ['latency'], targets: { latency: 'T-api' } },
];

const outcome = await constantLoad({
  url: server.url,
  perSecond: 500,
  seconds,
  users,
  k6Path,
  clock,
  check,
  assertion: 'latency',
  contains: 'ok',
  emit: (entry) => entries.push(entry),
});
await server.close();
entries.push({ kind: 'end', atMs: clock.now() });

const row = judge(entries).checks[0]?.assertions[0];
const result = {
  tool: 'ours',
  users,
  seconds,
  perSecond: 500,
  ...figures(),
  exitCode: outcome.exitCode,
  status: row?.status,
  why: row?.why,
};
mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
writeFileSync(new URL(`./results/ours-${users}.json`, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result)}\n`);

/** Quantiles of all arrivals; what was lost is slower than everything, so a quantile among them is only "at least". */
function figures() {
  const windows = entries.filter(
    (entry): entry is WindowEntry => entry.kind === 'window' && entry.assertion === 'latency',
  );
  const all = build({ highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 });
  let lost = 0;
  let unsent = 0;
  for (const { histogram, lost: causes = {}, unsent: missing = 0 } of windows) {
    if (histogram) all.add(decodeFromCompressedBase64(histogram));
    lost += Object.values(causes).reduce((sum, count) => sum + count, 0);
    unsent += missing;
  }
  const answered = all.totalCount;
  const quantile = (share: number) => {
    const rank = (share * (answered + lost)) / answered;
    return rank > 1
      ? `at least ${Math.round(all.maxValue / 1000)}`
      : Math.round(all.getValueAtPercentile(rank * 100) / 1000);
  };
  return {
    answered,
    lost,
    unsent,
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  };
}
