import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processWatcher } from '../../probes/watch/process.ts';
import { beneathIn } from '../../probes/watch/workers.ts';
import type { Entry } from '../../record/entries.ts';
import type { CheckVerdict } from '../../verdict/types.ts';
import { checkOf, judged, planned, soakRun } from '../soak/records.ts';
import { soon, watching } from './watching.ts';

/** Workers beneath a supervisor that stays: pm2, a cluster of Node's, a shell that begins what ended again. */

let proc = '';
beforeAll(() => {
  proc = mkdtempSync(join(tmpdir(), 'workers-'));
});
afterAll(() => rmSync(proc, { recursive: true, force: true }));

interface Running {
  readonly pid: number;
  readonly command: string;
  readonly pages?: number;
  /** Of its user and of the system, hundredths of a second. */
  readonly ticks?: number;
  readonly beneath?: readonly Running[];
}

const written = new Map<number, string>();

function put(running: Running, parent = 1): void {
  const { pid, command, pages = 10_000, ticks = 0, beneath = [] } = running;
  const text = JSON.stringify([running, parent]);
  if (written.get(pid) === text) return;
  written.set(pid, text);
  const folder = join(proc, String(pid));
  mkdirSync(join(folder, 'task', String(pid)), { recursive: true });
  const program = command.split(' ')[0]!;
  const more = Array.from({ length: 15 }, (_, field) => (field === 9 || field === 10 ? ticks / 2 : 0));
  writeFileSync(join(folder, 'stat'), `${pid} (${program}) S ${parent} ${more.join(' ')} 0 0 ${pid * 7} 0 ${pages} 0`);
  writeFileSync(join(folder, 'cmdline'), command.replaceAll(' ', '\0'));
  writeFileSync(join(folder, 'task', String(pid), 'children'), beneath.map((one) => `${one.pid} `).join(''));
  for (const one of beneath) put(one, pid);
}

const worker = (pid: number, command = 'node /app/server.js'): Running => ({ pid, command });

/** Two hours and a half of looks at what runs beneath the process 10. */
async function soakOf(beneath: (look: number) => readonly Running[], service = 'api', looks = 150) {
  const around = watching('api: { url: "http://localhost:1" }');
  const given = { service, pid: 10, pidFile: null, cgroup: null, memoryBytes: null, cpuCores: null };
  const watcher = processWatcher(given, around, proc);
  const entries: Entry[] = [];
  for (let look = 0; look < looks; look += 1) {
    put({ pid: 10, command: 'node /app/server.js', beneath: beneath(look) });
    around.at(look * 60_000);
    for (const sample of await watcher.sample(soon)) entries.push({ kind: 'sample', atMs: look * 60_000, ...sample });
  }
  return entries;
}

const checked = (check: string, entries: readonly Entry[]): CheckVerdict =>
  checkOf(judged(soakRun(48), [planned(check), ...entries]), check);

const restarts = async (beneath: (look: number) => readonly Running[], service?: string) =>
  checked('soak.restarts', await soakOf(beneath, service)).assertions;

describe('a worker', () => {
  test('that is the only one and is begun again has restarted', async () => {
    expect(await restarts((look) => [worker(look < 60 ? 20 : 21)])).toMatchObject([
      { name: 'api', status: 'fail', why: 'a worker beneath api restarted 1 time: at hour 1.0' },
    ]);
  });

  test('that is begun again beneath a shell of the supervisor has restarted, too', async () => {
    const shell = (look: number) => [{ pid: 30, command: 'sh -c run', beneath: [worker(look < 60 ? 31 : 32)] }];
    expect((await restarts(shell))[0]!.status).toBe('fail');
  });

  test('of several that was replaced once crashed, or was renewed: undecided', async () => {
    expect(await restarts((look) => [worker(20), worker(look < 60 ? 21 : 22)])).toMatchObject([
      { status: 'undecided', why: expect.stringMatching(/^a worker beneath api ended about hour 1.0 .*would decide$/) },
    ]);
  });

  test('of several that is replaced again and again: fail', async () => {
    const again = await restarts((look) => [worker(20), worker(21 + Math.floor(look / 30))]);
    expect(again).toMatchObject([{ status: 'fail', why: expect.stringContaining('never more or fewer') }]);
  });

  test('that a deploy replaces belongs to it', async () => {
    const deploy: Entry = { kind: 'event', what: 'deploy', service: 'api', atMs: 3_600_000, detail: 'a → b' };
    const entries = await soakOf((look) => [worker(look < 60 ? 20 : 21)]);
    expect(checked('soak.restarts', [...entries, deploy]).assertions[0]!.status).toBe('undecided');
  });
});

test('a worker that ends, and none begins in its place, is no pass', async () => {
  expect(await restarts((look) => [worker(20), worker(21), ...(look < 60 ? [worker(22)] : [])])).toMatchObject([
    { status: 'undecided', why: expect.stringMatching(/^a worker beneath api ended about hour 1.0 and none began/) },
  ]);
});

describe('no worker is', () => {
  const turns = (look: number) => 100 + look;
  test.each<[string, (look: number) => readonly Running[]]>([
    ['one that stays', () => [worker(20), worker(21)]],
    ['a health check', (look) => [worker(20), worker(turns(look), 'curl -f http://localhost/health')]],
    [
      'a job that comes after a while',
      (look) => (look < 40 ? [] : [worker(100 + Math.floor(look / 7), 'ffmpeg -i x')]),
    ],
    [
      'a session of a database',
      (look) => [worker(100 + Math.floor(look / 30), 'postgres: app app 10.0.0.7(5000) idle')],
    ],
    ['one that is renewed by intent', (look) => [worker(100 + Math.floor(look / 30), 'python app --max-requests 500')]],
    [
      'one of a pool that has more to do now and then',
      (look) => [
        worker(100 + Math.floor(look / 7)),
        worker(101 + Math.floor(look / 7)),
        ...(look === 5 ? [worker(99)] : []),
      ],
    ],
  ])('%s', async (_, beneath) => {
    expect((await restarts(beneath)).map(({ status }) => status)).toEqual(['pass']);
  });

  test('what an agent begins for each meeting', async () => {
    const jobs = (look: number) => [worker(20, 'node job.js'), worker(100 + Math.floor(look / 9), 'node job.js')];
    expect((await restarts(jobs, 'agent')).map(({ status }) => status)).toEqual(['pass']);
  });
});

test('what workers need is told beside what their supervisor needs, while all of them are there', async () => {
  const two = [worker(20), { ...worker(21), pages: 5_000 }];
  const entries = await soakOf((look) => (look === 4 ? two.slice(1) : two), 'api', 6);
  const told = entries.flatMap((entry) =>
    entry.kind === 'sample' && entry.series === 'process.memory' ? [[entry.labels?.service, entry.value / 4096]] : [],
  );
  const [own, theirs] = [told.filter(([who]) => who === 'api'), told.filter(([who]) => who === 'api workers')];
  expect(own).toEqual(Array.from({ length: 6 }, () => ['api', 10_000]));
  expect(theirs).toEqual(Array.from({ length: 3 }, () => ['api workers', 15_000]));
});

test('what workers compute is told together, but for the look at which one is another', async () => {
  const busy = (look: number) => [20, look < 7 ? 21 : 22].map((pid) => ({ ...worker(pid), ticks: 600 * look }));
  const entries = await soakOf(busy, 'api', 10);
  const told = entries.flatMap((entry) =>
    entry.kind === 'sample' && entry.series === 'process.cpu' && entry.labels?.from === 'workers' ? [entry] : [],
  );
  // Two of them, six seconds of processor time a minute each.
  expect(told.map(({ atMs, value }) => [atMs / 60_000, value])).toEqual([3, 4, 5, 6, 8, 9].map((look) => [look, 0.2]));
});

test('in a container the first process and who looks into it are no workers', () => {
  const group = join(proc, 'group');
  mkdirSync(group);
  put({ pid: 40, command: 'tini -- node', beneath: [worker(41)] }, 7);
  put(worker(42, 'bash'), 8);
  writeFileSync(join(group, 'cgroup.procs'), '40\n41\n42\n0\n');
  expect(beneathIn(group, proc)).toMatchObject([{ pid: 41, program: 'node', command: 'node /app/server.js' }]);
});
