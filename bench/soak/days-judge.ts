import { judgeRecord } from '../../cli/run/read.ts';

/** Judges one record and says how long it took and what was held. */
const startedMs = performance.now();
const { report } = judgeRecord(process.argv[2]!);
const tookMs = performance.now() - startedMs;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    tookMs,
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
    maxRssBytes: maxRSS * 1024,
    verdict: report.verdict,
    statuses: Object.fromEntries(report.checks.map(({ id, status }) => [id, status])),
  }),
);
