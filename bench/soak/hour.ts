import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { scaleTimers } from '../../reference/timers.ts';
import { type Staged, staged } from './staged.ts';

/**
 * One hour in which the reference deployment lives through a day: `node bench/soak/hour.ts healthy|faults OUT`. Boots a
 * deployment, lets it come up under traffic, soaks it in scaled time into OUT, plants the faults of `staged.ts` at their
 * hours, and takes the deployment down. `--minutes` and `--warm-up` shorten it for a rehearsal;
 * `--users`: who is there at once. Few, because a visit is as long as ever in scaled time, and those who come and go do so as
 * many times oftener.
 */
async function main(): Promise<number> {
  const { kind, out, hours, minutes, warmUpMinutes, users } = asked();
  const scale = (hours * 60) / minutes;
  const home = mkdtempSync(join(tmpdir(), 'shakedown-hour-'));
  const directory = join(home, 'reference');
  try {
    const deployment = await up({ directory, endWithCaller: true });
    const reference = handle(deployment);
    const soaked = (forMinutes: number, to: string) =>
      soak(deployment.environmentFile, { hours: (forMinutes * scale) / 60, scale, users, out: to });
    await scaleTimers(reference, scale);
    if (warmUpMinutes > 0) await soaked(warmUpMinutes, join(home, 'warm-up'));
    if (interrupted) return 2;
    const soaking = soaked(minutes, out);
    const over = new AbortController();
    const playing = kind === 'faults' ? play(reference, scale, over.signal) : Promise.resolve();
    const exitCode = await soaking;
    over.abort();
    await playing;
    return exitCode;
  } finally {
    await down(directory);
    rmSync(home, { recursive: true, force: true });
  }
}

function asked() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      hours: { type: 'string', default: '24' },
      minutes: { type: 'string', default: '60' },
      'warm-up': { type: 'string', default: '6' },
      users: { type: 'string', default: '6' },
    },
  });
  const [kind, out] = positionals;
  if ((kind !== 'healthy' && kind !== 'faults') || out === undefined)
    throw new Error('expected: node bench/soak/hour.ts healthy|faults OUT');
  const [hours, minutes, warmUpMinutes, users] = [values.hours, values.minutes, values['warm-up'], values.users].map(
    Number,
  );
  return { kind, out, hours: hours!, minutes: minutes!, warmUpMinutes: warmUpMinutes!, users: users! };
}

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let interrupted = false;

interface Asked {
  readonly hours: number;
  readonly scale: number;
  readonly users: number;
  readonly out: string;
}

/** Runs the command itself, as anybody would; answers its exit code. */
function soak(env: string, { hours, scale, users, out }: Asked): Promise<number> {
  const options = [
    '--for',
    `${Math.round(hours * 60)}m`,
    '--time-scale',
    String(scale),
    '--users',
    String(users),
    '--no-early-stop',
    '--out',
    out,
  ];
  const child = spawn(process.execPath, [program, 'soak', '--env', env, ...options], { stdio: 'inherit' });
  const end = () => {
    interrupted = true;
    child.kill('SIGINT');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
      resolve(code ?? 70);
    });
  });
}

/** Each fault at its hour; whatever is still planted when the soak is over ends with the deployment. */
async function play(reference: ReferenceHandle, scale: number, over: AbortSignal): Promise<void> {
  const began = performance.now();
  const until = (hour: number) =>
    sleep(Math.max(0, began + (hour * 3_600_000) / scale - performance.now()), undefined, { signal: over });
  const one = async ({ atHour, name, plant, endsAtHour, lift }: Staged) => {
    await until(atHour);
    process.stdout.write(`staged at hour ${atHour}: ${name}\n`);
    await plant(reference, scale, over);
    if (endsAtHour === undefined) return;
    await until(endsAtHour);
    await lift?.(reference, scale);
    process.stdout.write(`lifted at hour ${endsAtHour}: ${name}\n`);
  };
  const ended = await Promise.allSettled(staged.map(one));
  for (const each of ended)
    if (each.status === 'rejected' && !over.aborted) process.stdout.write(`not staged: ${String(each.reason)}\n`);
}

process.exitCode = await main();
