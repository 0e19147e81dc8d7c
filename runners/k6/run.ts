import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { K6Config } from './config.ts';
import { followLines } from './follow.ts';
import { type FactLine, lineSplitter, type TickLine } from './lines.ts';
import { defaultErrorLimit, type ErrorLimit, killSwitch, type StopReason } from './stop.ts';

export interface K6Run {
  readonly k6Path: string;
  /** The script, TypeScript as k6 strips it. */
  readonly script: string;
  /** The check the windows belong to. */
  readonly check: string;
  /** Streams that are assertions of the check; others are followed but not recorded. */
  readonly assertions: readonly string[];
  readonly config: K6Config;
  readonly clock: RunClock;
  readonly emit: (entry: Entry) => void;
  readonly onTick?: ((tick: TickLine) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly killFile?: string | undefined;
  /** null: never stop for errors. */
  readonly errorLimit?: ErrorLimit | null | undefined;
  /** Our own bound on how long k6 may run, ms. */
  readonly atMostMs: number;
  /** Certificates to trust besides the system's. */
  readonly caPath?: string | null | undefined;
}

export interface K6Outcome {
  readonly exitCode: number | null;
  readonly stopped: StopReason | null;
  /** The last word of k6's own books; null when it died before it could close them. */
  readonly end: TickLine | null;
  readonly ticks: readonly TickLine[];
  readonly facts: readonly FactLine[];
}

/**
 * Runs one script on our k6 and turns its lines into entries. k6 gets its configuration through a pipe (it holds
 * sessions), lives no longer than the pipe on its standard input, and its exit code is never read as a verdict.
 */
export async function runK6(run: K6Run): Promise<K6Outcome> {
  const child = start(run);
  const stop = stopper(child);
  const follower = followLines({ ...run, pid: child.pid ?? 0, errors: run.config.errors });
  const guard = killSwitch({
    signal: run.signal,
    killFile: run.killFile,
    errorLimit: run.errorLimit === undefined ? defaultErrorLimit : run.errorLimit,
    stop: stop.now,
  });
  const deadline = setTimeout(
    () => stop.now({ by: 'time', detail: `k6 had not ended after ${Math.round(run.atMostMs / 1000)} s` }),
    run.atMostMs,
  );
  const complaints = collectComplaints(child);
  const lines = lineSplitter((line) => {
    const tick = follower.take(line);
    if (tick) guard.tick(tick);
  });
  (child.stdio[4] as Readable).on('data', lines);
  const exitCode = await ended(child);
  clearTimeout(deadline);
  guard.close();
  stop.close();
  return follower.close({ exitCode, stopped: stop.reason(), complaints: complaints(), endedAtMs: run.clock.now() });
}

const flags = ['--no-thresholds', '--summary-mode=disabled', '--no-usage-report', '--no-color', '--quiet'];

function start(run: K6Run): ChildProcess {
  const child = spawn(
    run.k6Path,
    ['run', ...flags, '--log-format=json', '--address=', '--out', 'shakedown=fd:4', run.script],
    { stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'], env: childEnvironment(run), detached: false },
  );
  const configuration = child.stdio[3] as Writable;
  // k6 may be gone before it has read everything; its exit says so.
  for (const pipe of [configuration, child.stdin!]) pipe.on('error', () => undefined);
  configuration.end(JSON.stringify({ ...run.config, origin: run.clock.origin }));
  return child;
}

/** Nothing of our own environment reaches k6: it would hand every variable to the script. */
function childEnvironment(run: K6Run): Record<string, string> {
  return {
    HOME: tmpdir(),
    XDG_CONFIG_HOME: tmpdir(),
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    SHAKEDOWN_CONFIG: 'fd:3',
    SHAKEDOWN_LIFELINE: 'stdin',
    ...(run.caPath ? { SSL_CERT_FILE: run.caPath } : {}),
  };
}

/** k6 ends itself within 0.7 s of the word; after a second it is ended. */
const patienceMs = 900;

function stopper(child: ChildProcess) {
  let reason: StopReason | null = null;
  let hard: NodeJS.Timeout | undefined;
  return {
    now(why: StopReason) {
      if (reason) return;
      reason = why;
      child.stdin?.write('stop\n');
      hard = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    },
    reason: () => reason,
    close: () => clearTimeout(hard),
  };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code));
  });
}

const complaintsKept = 5;

/** k6's own error lines, for the sentence that says what went wrong with us. */
function collectComplaints(child: ChildProcess): () => readonly string[] {
  const kept: string[] = [];
  child.on('error', (error) => kept.push(error.message));
  const take = lineSplitter((line) => {
    const text = messageOf(line);
    if (text && kept.length < complaintsKept && !kept.includes(text)) kept.push(text);
  });
  child.stderr!.on('data', take);
  return () => kept;
}

function messageOf(line: string): string | null {
  try {
    const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
    return (level === 'error' || level === 'fatal') && msg ? spoken(msg) : null;
  } catch {
    return line.trim() === '' ? null : spoken(line);
  }
}

/** Short, and without the tokens that addresses of sockets carry. */
const spoken = (text: string): string => text.replace(/(token=)[^&\s"']+/g, '$1…').slice(0, 300);
