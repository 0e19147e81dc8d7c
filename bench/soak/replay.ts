import { mkdirSync, writeFileSync } from 'node:fs';
import { TrendFold } from '../../verdict/soak/trend.ts';
import { Random } from './random.ts';

/**
 * How long the judge takes and what it holds: 48 h of 500 series, a sample a minute, looked at every hour until hour 12
 * and every second hour after. `node bench/soak/replay.ts` writes `results/replay.md`.
 */
const seriesCount = 500;
const minutes = 48 * 60;

const folds = Array.from({ length: seriesCount }, () => new TrendFold({ limit: 1000 }));
const random = new Random(1);
const before = process.cpuUsage();
const startedAt = performance.now();
let looks = 0;
let most = 0;
for (let minute = 0; minute < minutes; minute++) {
  for (let i = 0; i < seriesCount; i++) folds[i]!.add(minute / 60, 100 + (minute % 20) * 2 + random.normal(), 100);
  if (minute % 60 === 59 && (minute < 720 || minute % 120 === 119)) {
    for (const fold of folds) fold.isLeak();
    looks += 1;
    most = Math.max(most, process.memoryUsage().rss);
  }
}
const kinds = new Map<string, number>();
for (const fold of folds) {
  const { kind } = fold.look();
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
}
const tookS = (performance.now() - startedAt) / 1000;
const cpu = process.cpuUsage(before);
const rows = [
  `${seriesCount} series × ${minutes} samples, ${looks} looks at each on the way and one at the end`,
  `took ${tookS.toFixed(1)} s (${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor time, making the samples included)`,
  `memory at its largest ${(most / 2 ** 20).toFixed(0)} MB resident, Node itself included`,
  `said ${[...kinds].map(([kind, count]) => `${kind} ${count} times`).join(', ')}`,
];
const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL('replay.md', folder),
  `# The soak judge, replayed\n\n${rows.map((row) => `- ${row}`).join('\n')}\n`,
);
process.stdout.write(`${rows.join('\n')}\n`);
