import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { fileReporters } from '../../reporters/index.ts';
import type { Report } from '../../verdict/types.ts';
import { answers, hour, judged, limit, planned, series, slots, soakRun } from './records.ts';

const mib = 2 ** 20;

/** 48 h of forty series with a leak, an outage, a gap, a deploy, a restart and a bad hour. */
function twoDays(): Report {
  const services = ['api', 'realtime-1', 'realtime-2', 'web', 'agent', 'livekit', 'models'];
  const daily = (t: number) => 1 + 0.3 * Math.sin((2 * Math.PI * t) / 24);
  const entries: Entry[] = services.flatMap((service, i) => [
    ...series('process.memory', 48, (t) => (200 + i * 20 + (service === 'api' ? 3 * t : 0)) * mib, {
      labels: { service },
      unit: 'By',
      life: (t) => (service === 'web' && t > 30 ? 'b' : 'a'),
    }),
    ...series('process.cpu', 48, () => 0.3 + i * 0.05, { labels: { service }, noise: 0.05 }),
    ...series('process.fds', 48, () => 60 + i, { labels: { service }, noise: 0.01 }),
    ...series('process.threads', 48, () => 11, { labels: { service }, noise: 0 }),
    ...series('process.heap', 48, () => 80 * mib, { labels: { service }, unit: 'By', noise: 0.1 }),
  ]);
  const down = (t: number) => (t >= 20 && t < 20 + 1 / 12 ? 'refused' : null);
  const all = [
    ...['memory.SERVICE', 'cpu.SERVICE', 'restarts', 'db.connections', 'critical'].map((name) =>
      planned(`soak.${name}`),
    ),
    planned('soak.latency', ['T-api', 'T-search']),
    planned('soak.uptime', ['T-uptime']),
    ...entries,
    ...series('harness.load', 48, (t) => 100 * daily(t), { unit: '1/s' }),
    ...series('postgres.connections', 48, () => 25),
    ...series('redis.clients', 48, () => 14),
    ...series('redis.memory', 48, (t) => (20 + 2 * daily(t)) * mib, { unit: 'By' }),
    ...series('harness.memory', 48, () => 120 * mib, { unit: 'By' }),
    limit('process.memory', 512 * mib, 'container limit', { service: 'api' }),
    ...slots(48, down),
    ...answers('T-api', 48, (t, i) => (Math.floor(t) === 33 && i % 5 === 0 ? 900 : 30 + (i % 40))),
    ...answers('T-search', 48, (_, i) => 90 + (i % 80)),
    { kind: 'event', what: 'deploy', service: 'web', atMs: 30 * hour, detail: 'revision a1 → b2' },
    {
      kind: 'event',
      what: 'critical',
      service: 'api',
      atMs: 20.05 * hour,
      detail: '<b>FATAL</b>: "cannot" & will not',
    },
    { kind: 'ours', what: 'gap', fromMs: 10 * hour, toMs: 11.5 * hour, detail: 'nobody watched for 1.5 h' },
  ] as Entry[];
  const inGap = (entry: Entry) =>
    'atMs' in entry && entry.kind === 'sample' && entry.atMs > 10 * hour && entry.atMs < 11.5 * hour;
  return judged(
    soakRun(48),
    all.filter((entry) => !inGap(entry)),
    'preparation',
  );
}

describe('the page of a soak of 48 h and 40 series', () => {
  const report = twoDays();
  const files = new Map(
    fileReporters.flatMap((reporter) => reporter.render(report)).map(({ path, text }) => [path, text]),
  );
  const page = files.get('report.html')!;

  test('is one file of at most 600 KB that needs no network', () => {
    expect(report.soak!.series.length).toBeGreaterThanOrEqual(40);
    expect(Buffer.byteLength(page)).toBeLessThan(600_000);
    expect(page).not.toMatch(/https?:\/\/|src=|url\((?!#)|@import/);
  });

  test('tells what rises, with its projection, each hour, each outage, gap and deploy', () => {
    expect(page).toContain('memory of api</b> rises by');
    expect(page).toMatch(/reaches its limit of 512 MiB \(container limit\) in \d+ h \(\d+ h to \d+ h\)/);
    expect(page).toMatch(/for 5 min: refused/);
    expect(page).toContain('nobody watched for 1.5 h');
    expect(page).toContain('revision a1 → b2');
    expect(page).toMatch(/<th scope="row">33<\/th><td[^>]*>900 ms|9\d\d ms/);
    expect(page.match(/<figure><figcaption><b>/g)!.length).toBeGreaterThanOrEqual(40);
  });

  test('escapes what a deployment wrote, and runs and styles nothing it does not know', () => {
    expect(page).not.toContain('<b>FATAL</b>');
    expect(page).toMatch(/style-src 'sha256-[^']+' 'sha256-[^']+'/);
  });

  test('says in words and signs what it says in colour', () => {
    expect(page).toMatch(/aria-label="Timeline: 1 outages, 1 gaps, \d+ events"/);
    expect(page).toContain('rises ✗');
    for (const [picture] of page.matchAll(/<svg(?! class="hatch")[^>]*>/g)) expect(picture).toContain('aria-label=');
  });

  test('is the same bytes each time', () => {
    const again = fileReporters
      .flatMap((reporter) => reporter.render(report))
      .find(({ path }) => path === 'report.html')!;
    expect(again.text).toBe(page);
  });
});
