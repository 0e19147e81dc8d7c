import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isHole } from '../../probes/rls/index.ts';
import { down, up } from '../../reference/index.ts';
import { type Lab, labOn } from '../../test/rls/lab/lab.ts';
import { type Variant, whole } from '../../test/rls/lab/whole.ts';

/** The whole lab: how many holes are told where they are, how many clean variants raise an alarm or stay unprobed, and how long each takes. */
const [from = 0, to = whole.length, step = 1, many = 2] = process.argv.slice(2).map(Number);
const directory = mkdtempSync(join(tmpdir(), 'sd-bench-rls-'));
const tally = { holes: 0, found: 0, clean: 0, alarms: 0, unprobed: 0 };
const tookMs: number[] = [];

try {
  const { postgres } = await up({ directory, only: ['postgres'] });
  const lab = labOn(postgres.adminUrl);
  const queue = [...whole.entries()].filter(([at]) => at >= from && at < to && at % step === 0);
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await one(lab, ...next);
  };
  await Promise.all(Array.from({ length: many }, work));
  tookMs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      ...tally,
      medianMs: Math.round(tookMs[tookMs.length >> 1] ?? 0),
      maxMs: Math.round(tookMs.at(-1) ?? 0),
    }),
  );
} finally {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}

async function one(lab: Lab, at: number, variant: Variant): Promise<void> {
  const began = performance.now();
  const report = await lab.look(`v${at}`, variant.base, variant.sql);
  tookMs.push(performance.now() - began);
  const alarms = report.findings.filter(isHole);
  const open = report.cells.filter(({ verdict }) => verdict === 'UNPROBED');
  const label = `${variant.base.name}, ${variant.name}`;
  if (variant.hole) {
    const { where, note, rule } = variant.hole;
    const place = where.replaceAll('ROLE', `app_v${at}`);
    const found = report.findings.some((finding) => finding.where.includes(place) && (note || isHole(finding)));
    tally.holes += 1;
    if (found) tally.found += 1;
    else console.log(`missed ${rule} ${label}`);
    return;
  }
  tally.clean += 1;
  if (alarms.length > 0) tally.alarms += 1;
  if (open.length > 0) tally.unprobed += 1;
  for (const { rule, where, what } of alarms) console.log(`alarm ${label}: ${rule} ${where}: ${what}`);
  for (const { where, because } of open.slice(0, 1)) console.log(`unprobed ${label}: ${where}: ${because}`);
}
