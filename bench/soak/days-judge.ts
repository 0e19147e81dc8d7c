import { judgeRecord } from '../../cli/run/read.ts';
import { foldRecord } from '../../record/reader.ts';
import { Judging } from '../../verdict/judge.ts';
import type { Report } from '../../verdict/types.ts';
import { largestResident } from './largest.ts';

/**
 * Judges one record and says how long it took and what was held: `node days-judge.ts RECORD once`. With `beside` it is judged
 * as beside a soak that goes on: looked at every hour of the soak, the memory of this very process being one more
 * of its series, a value a minute.
 */
const [path = '', how = 'once'] = process.argv.slice(2);
const minuteMs = 60_000;
const lookEveryMinutes = 60;

const startedMs = performance.now();
const memory: number[] = [];
const report = how === 'beside' ? judgedBeside() : judgeRecord(path).report;
const tookMs = performance.now() - startedMs;
const { userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    tookMs,
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
    maxRssBytes: largestResident(),
    verdict: report.verdict,
    statuses: Object.fromEntries(report.checks.map(({ id, status }) => [id, status])),
    memory: memory.filter((_, minute) => minute % 60 === 0),
    harness: rowOfHarness(report),
  }),
);

function judgedBeside(): Report {
  const judging = new Judging();
  let minute = 0;
  foldRecord(path, (entry) => {
    judging.add(entry);
    if (entry.kind !== 'sample' || entry.atMs < minute * minuteMs) return;
    memory.push(process.memoryUsage.rss());
    const labels = { service: 'harness' };
    judging.add({
      kind: 'sample',
      series: 'harness.memory',
      unit: 'By',
      labels,
      atMs: minute * minuteMs,
      value: memory.at(-1)!,
    });
    if (minute % lookEveryMinutes === 0) judging.checks();
    minute += 1;
  });
  return judging.report();
}

function rowOfHarness({ checks }: Report): { status: string; why: string } | null {
  const row = checks.flatMap(({ assertions }) => assertions).find(({ name }) => name === 'harness');
  return row ? { status: row.status, why: row.why } : null;
}
