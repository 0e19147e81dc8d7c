import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stallServer } from '../../test/servers/stall.ts';

/**
 * The same stall server under stock k6 with a threshold, Artillery and autocannon, each capped at 100 users.
 * Usage: node bench/stall/peers.ts STOCK-K6 [SECONDS]; `npm ci --prefix bench/peers` first.
 */
const [stockK6, secondsText = '60'] = process.argv.slice(2);
if (stockK6 === undefined) throw new Error('expected the path of a stock k6');

const seconds = Number(secondsText);
const users = 100;
const work = mkdtempSync(join(tmpdir(), 'stall-peers-'));
const peer = (name: string) => fileURLToPath(new URL(`../peers/node_modules/.bin/${name}`, import.meta.url));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const results = [await k6(), await artillery(), await autocannon()];
mkdirSync(here('./results/'), { recursive: true });
writeFileSync(here('./results/peers.json'), `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(results)}\n`);

async function k6() {
  const summary = join(work, 'k6.json');
  const { code } = await onServer((url) => [
    stockK6!,
    ['run', '--no-usage-report', '--quiet', '--summary-export', summary, here('./peers/threshold.js')],
    { USERS: String(users), SECONDS: secondsText, URL: url },
  ]);
  const { metrics } = JSON.parse(readFileSync(summary, 'utf8'));
  const { 'p(50)': p50Ms, 'p(95)': p95Ms, 'p(99)': p99Ms } = metrics.http_req_duration;
  const dropped = metrics.dropped_iterations?.count ?? 0;
  return {
    tool: 'k6, own threshold',
    users,
    seconds,
    p50Ms,
    p95Ms,
    p99Ms,
    dropped,
    says: code === 0 ? 'pass' : 'fail',
  };
}

async function artillery() {
  const [script, output] = [join(work, 'artillery.yml'), join(work, 'artillery.json')];
  const { code } = await onServer((url) => {
    writeFileSync(script, artilleryScript(url));
    return [peer('artillery'), ['run', '--quiet', '--output', output, script], { ARTILLERY_DISABLE_TELEMETRY: 'true' }];
  });
  const { aggregate } = JSON.parse(readFileSync(output, 'utf8'));
  const { p50: p50Ms, p95: p95Ms, p99: p99Ms } = aggregate.summaries['http.response_time'];
  const dropped = aggregate.counters['vusers.skipped'] ?? 0;
  return { tool: 'Artillery', users, seconds, p50Ms, p95Ms, p99Ms, dropped, says: code === 0 ? 'pass' : 'fail' };
}

function artilleryScript(url: string): string {
  return JSON.stringify({
    config: {
      target: url,
      phases: [{ duration: seconds, arrivalRate: 500, maxVusers: users }],
      plugins: { ensure: {} },
      ensure: { thresholds: [{ 'http.response_time.p95': 200 }] },
    },
    scenarios: [{ flow: [{ get: { url: '/' } }] }],
  });
}

async function autocannon() {
  const { text } = await onServer((url) => [
    peer('autocannon'),
    ['-R', '500', '-c', String(users), '-d', secondsText, '--json', url],
    {},
  ]);
  const { latency } = JSON.parse(text.slice(text.indexOf('{')));
  const { p50: p50Ms, p97_5: p97_5Ms, p99: p99Ms } = latency;
  return { tool: 'autocannon -R', users, seconds, p50Ms, p97_5Ms, p99Ms, says: 'nothing: it has no threshold' };
}

type Command = readonly [path: string, args: readonly string[], variables: Readonly<Record<string, string>>];

async function onServer(
  command: (url: string) => Command,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const server = await stallServer();
  const [path, args, variables] = command(server.url);
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...variables } });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  await server.close();
  return { code, text };
}
