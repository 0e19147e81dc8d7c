import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { descendantsOf, mainWaits } from '../../probes/waiting.ts';
import { Patience } from '../../runners/playwright/patience.ts';

/** A shell that starts another program, as a browser starts its processes. */
async function family(command: string): Promise<{ readonly parent: number; readonly child: number }> {
  const shell = spawn('sh', ['-c', `${command} & echo $!; wait`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const child = Number(String(line));
  onTestFinished(() => void [child, shell.pid!].forEach((pid) => void process.kill(pid)));
  return { parent: shell.pid!, child };
}

/** The first on which we may run. */
const processor = (): string => /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;

test('the processes that a browser started are known, and nobody else’s', async () => {
  const { parent, child } = await family('sleep 60');
  const found = descendantsOf(process.pid);
  expect(found).toEqual(expect.arrayContaining([parent, child]));
  expect(found).not.toContain(process.pid);
  expect(found).not.toContain(1);
  expect(descendantsOf(parent)).toEqual([child]);
  expect([...mainWaits([child]).keys()]).toEqual([String(child)]);
});

test('processes that sleep wait for no processor; those that are many and all want one do', async () => {
  const idle = new Patience(() => performance.now());
  const { child } = await family('sleep 60');
  const fromMs = performance.now();
  idle.begin([child]);
  await sleep(2_200);
  idle.end();
  expect(idle.starvedShare(fromMs, performance.now())).toBeLessThan(0.2);

  const busy = await Promise.all(
    Array.from({ length: 6 }, () => family(`taskset -c ${processor()} sh -c 'while :; do :; done'`)),
  );
  const starved = new Patience(() => performance.now());
  const sinceMs = performance.now();
  starved.begin(busy.map((one) => one.child));
  await sleep(2_200);
  starved.end();
  expect(starved.starvedShare(sinceMs, performance.now())).toBeGreaterThan(0.5);
}, 30_000);
