import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withClient } from '../../reference/database/provision.ts';
import { down, up } from '../../reference/index.ts';
import type { Base } from '../../test/rls/lab/bases.ts';
import { type Lab, labOn } from '../../test/rls/lab/lab.ts';
import { type Variant, whole } from '../../test/rls/lab/whole.ts';
import { splinter } from './splinter.ts';

/**
 * Other tools on the same lab. Both speak up about clean schemas too, so that what they say of the unchanged base is taken off: a hole
 * counts as found when they say something new about the object that has it, a clean variant as an alarm when they say anything new.
 */
const [pgrls, from = '0', to = String(whole.length), step = '1'] = process.argv.slice(2);
if (!pgrls) throw new Error('usage: node bench/rls/peers.ts PATH-OF-PGRLS [FROM TO STEP]');
const run = promisify(execFile);
const many = 1;

type Tool = (url: string, role: string) => Promise<string[]>;
const tools: Readonly<Record<string, Tool>> = { pgrls: lint, splinter };

async function lint(url: string): Promise<string[]> {
  const args = ['lint', '--database-url', url, '--schemas', await schemasOf(url), '--format', 'json'];
  const said = await run(pgrls!, args, { maxBuffer: 1e8 }).catch((error: { stdout?: string }) => error);
  const { violations } = JSON.parse(said.stdout ?? '') as { violations: Record<string, string>[] };
  return violations
    .filter(({ rule_id, severity }) => rule_id?.startsWith('SEC') && severity !== 'info')
    .map(({ rule_id, location, message }) => `${rule_id} ${location}: ${message}`);
}

/** Every schema of somebody's own: it looks at `public` alone unless told, and refuses one that is not there. */
const schemasOf = (url: string): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ nspname: string }>(
      `select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1`,
    );
    return rows.map(({ nspname }) => nspname).join(',');
  });

interface Tally {
  holes: number;
  found: number;
  clean: number;
  alarms: number;
  /** Clean variants about which anything is said at all. */
  said: number;
  failed: number;
  tookMs: number[];
}

const tally = new Map<string, Tally>();
for (const name of Object.keys(tools))
  tally.set(name, { holes: 0, found: 0, clean: 0, alarms: 0, said: 0, failed: 0, tookMs: [] });
const baseline = new Map<string, Set<string>>();
const directory = mkdtempSync(join(tmpdir(), 'sd-bench-peers-'));

try {
  const { postgres } = await up({ directory, only: ['postgres'] });
  const lab = labOn(postgres.adminUrl);
  const bases = [...new Set(whole.map(({ base }) => base))];
  for (const [at, base] of bases.entries())
    await lab.within(`b${at}`, base, 'select 1', (url, role) => remember(base, url, role));
  const queue = [...whole.entries()].filter(([at]) => at >= Number(from) && at < Number(to) && at % Number(step) === 0);
  await Promise.all(Array.from({ length: many }, () => work(lab, queue)));
  for (const [name, { tookMs, ...numbers }] of tally) {
    tookMs.sort((a, b) => a - b);
    console.log(JSON.stringify({ tool: name, ...numbers, medianMs: Math.round(tookMs[tookMs.length >> 1] ?? 0) }));
  }
} finally {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}

async function remember(base: Base, url: string, role: string): Promise<void> {
  for (const [name, tool] of Object.entries(tools))
    baseline.set(`${name} ${base.name}`, new Set((await tool(url, role)).map((one) => one.replaceAll(role, 'ROLE'))));
}

async function work(lab: Lab, queue: [number, Variant][]): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [at, variant] = next;
    await lab.within(`p${at}`, variant.base, variant.sql, (url, role) => compare(variant, url, role));
  }
}

async function compare(variant: Variant, url: string, role: string): Promise<void> {
  for (const [name, tool] of Object.entries(tools)) {
    const mine = tally.get(name)!;
    const began = performance.now();
    const said = await tool(url, role).catch(() => null);
    mine.tookMs.push(performance.now() - began);
    if (said === null) mine.failed += 1;
    count(
      mine,
      variant,
      (said ?? []).map((one) => one.replaceAll(role, 'ROLE')),
      baseline.get(`${name} ${variant.base.name}`)!,
    );
  }
}

function count(mine: Tally, { hole }: Variant, said: readonly string[], before: ReadonlySet<string>): void {
  const news = said.filter((one) => !before.has(one));
  if (hole) {
    const object = /([\w"-]+)(?:\([^)]*\))?$/.exec(hole.where.split(' ')[0] === 'role' ? 'ROLE' : hole.where)![1]!;
    mine.holes += 1;
    if (news.some((one) => one.includes(object))) mine.found += 1;
    return;
  }
  mine.clean += 1;
  if (news.length > 0) mine.alarms += 1;
  if (said.length > 0) mine.said += 1;
}
