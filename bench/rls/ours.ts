import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isHole } from '../../probes/rls/index.ts';
import { down, up } from '../../reference/index.ts';
import type { Base } from '../../test/rls/lab/bases.ts';
import { cleans } from '../../test/rls/lab/clean.ts';
import { shapes } from '../../test/rls/lab/clean-shapes.ts';
import { furtherHoles } from '../../test/rls/lab/further-holes.ts';
import { holes } from '../../test/rls/lab/holes.ts';
import { type Lab, labOn } from '../../test/rls/lab/lab.ts';

/** The whole lab: how many holes are told where they are, how many clean variants raise an alarm or stay unprobed, and how long each takes. */
const [from, to] = [Number(process.argv[2] ?? 0), Number(process.argv[3] ?? Number.POSITIVE_INFINITY)];
const variants = [
  ...[...holes, ...furtherHoles].map((hole) => ({ ...hole, hole })),
  ...[...cleans, ...shapes].map((clean) => ({ ...clean, hole: null })),
];
const directory = mkdtempSync(join(tmpdir(), 'sd-bench-rls-'));
const tally = { holes: 0, found: 0, clean: 0, alarms: 0, unprobed: 0 };
const tookMs: number[] = [];

try {
  const { postgres } = await up({ directory, only: ['postgres'] });
  const lab = labOn(postgres.adminUrl);
  for (const [at, variant] of variants.entries()) if (at >= from && at < to) await one(lab, at, variant);
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

async function one(lab: Lab, at: number, variant: (typeof variants)[number]): Promise<void> {
  const began = performance.now();
  const report = await lab.look(`v${at}`, variant.base satisfies Base, variant.sql);
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
