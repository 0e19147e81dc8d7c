import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withWire } from '../../environment/surroundings.ts';
import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { PlannedCheck } from '../vitest/messages.ts';
import { keepEvidence } from './evidence.ts';
import type { FromRunner } from './messages.ts';
import { verifiedKeys } from './trust.ts';
import { openWire, type Peer } from './wire.ts';

export interface PlaywrightRun {
  readonly checks: readonly PlannedCheck[];
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly signal: AbortSignal;
  /** The run's directory, where the evidence of failures goes. */
  readonly directory: string;
  readonly chromium: string | null;
  /** How often a failed journey is looked at again; each look is one more measurement. */
  readonly retries?: number;
  /** The runner's own tools, for whoever writes a check. */
  readonly tools?: Tools;
  emit(entry: Entry): void;
  onMessage?(message: FromRunner): void;
}

export type Tools = 'ui' | 'debug' | 'headed';

export interface PlaywrightResult {
  /** Requests all processes of the runner sent. */
  readonly spent: number;
  /** What this run made that must stand in no file. */
  readonly secrets: readonly string[];
}

/**
 * Runs the bodies of the planned checks on Playwright Test, in processes of its own. Entries arrive while they are made. The
 * runner's own opinion is not read: a body that never finished is said to be our fault, whatever the runner thought of it.
 */
export async function runOnPlaywright(run: PlaywrightRun): Promise<PlaywrightResult> {
  const heard = new Hearing(run);
  const keys = await verifiedKeys(run.environment);
  const wire = await openWire({
    order: () => ({
      origin: run.clock.origin,
      scope: run.scope,
      ...unhurried(run.tools, { environment: heard.environmentLeft(), checks: run.checks }),
      chromium: run.chromium,
      trustedKeys: keys,
    }),
    onMessage: (message, peer) => heard.take(message, peer),
    onGone: (peer) => heard.gone(peer),
  });
  const results = mkdtempSync(join(tmpdir(), 'shakedown-journeys-'));
  const stop = (): void => wire.tell({ type: 'stop' });
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = await runnerEnds(start(wire.address, results, run), run.signal);
    if (ended !== null) heard.trouble.push(ended);
  } finally {
    run.signal.removeEventListener('abort', stop);
    wire.close();
    rmSync(results, { recursive: true, force: true });
  }
  if (!run.signal.aborted && run.tools === undefined) heard.nameUnfinished();
  return { spent: heard.spent(), secrets: heard.secrets };
}

const hourMs = 3_600_000;

/** Whoever goes through a check step by step reads between the steps: no time limit may end that. */
export function unhurried<Limits extends Pick<PlaywrightRun, 'environment' | 'checks'>>(
  tools: Tools | undefined,
  limits: Limits,
): Limits {
  if (tools !== 'debug') return limits;
  const checks = limits.checks.map((check) => ({ ...check, timeoutMs: 24 * hourMs }));
  return { ...limits, environment: { ...limits.environment, timeoutMs: hourMs }, checks };
}

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

function start(address: string, results: string, { retries = 0, tools }: PlaywrightRun): ChildProcess {
  const cli = join(dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')), 'cli.js');
  const how = {
    ui: ['--ui', '--ui-host=127.0.0.1', '--ui-port=0'],
    debug: ['--debug'],
    headed: ['--headed'],
  };
  return spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      cli,
      'test',
      `--config=${join(here, 'playwright.config.ts')}`,
      `--output=${join(results, 'out')}`,
      `--retries=${retries}`,
      ...(tools ? how[tools] : []),
    ],
    {
      // The UI shows sources from below this folder alone; otherwise nothing is to be left in it.
      cwd: tools === 'ui' ? root : results,
      env: withWire(address),
      // A group of its own: Ctrl-C reaches us alone, and we end it cleanly.
      detached: true,
      stdio: tools ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    },
  );
}

const patienceMs = 30_000;

/** Resolves to what the runner said on its way out, unless all was well; asked for only where checks never finished. */
async function runnerEnds(child: ChildProcess, signal: AbortSignal): Promise<string | null> {
  let said = '';
  const listen = (chunk: Buffer): void => {
    said = `${said}${chunk.toString('utf8')}`.slice(-2_000);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const killers = [0, 5_000].map((laterMs) => ({ laterMs, kill: laterMs === 0 ? 'SIGTERM' : 'SIGKILL' }) as const);
  const timers: NodeJS.Timeout[] = [];
  const onStop = (): void => {
    for (const { laterMs, kill } of killers) timers.push(setTimeout(() => endGroup(child, kill), patienceMs + laterMs));
  };
  if (signal.aborted) onStop();
  signal.addEventListener('abort', onStop, { once: true });
  const ended = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killed) => resolve(code === 0 ? null : `it ended with ${killed ?? code}`));
  });
  signal.removeEventListener('abort', onStop);
  for (const timer of timers) clearTimeout(timer);
  endGroup(child, 'SIGKILL');
  if (ended === null) return null;
  const text = said.trim().replaceAll(/\s+/g, ' ').slice(-500);
  return text === '' ? ended : `${ended}: ${text}`;
}

/** The runner's workers and browsers with it. */
function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

/** What the runner's processes said, and what they left open. */
class Hearing {
  readonly secrets: string[] = [];
  readonly trouble: string[] = [];
  readonly #run: PlaywrightRun;
  readonly #unfinished: Set<string>;
  readonly #spent = new Map<number, number>();
  readonly #attempts = new Map<string, string[]>();

  constructor(run: PlaywrightRun) {
    this.#run = run;
    this.#unfinished = new Set(run.checks.map((check) => check.id));
  }

  spent(): number {
    return [...this.#spent.values()].reduce((sum, one) => sum + one, 0);
  }

  /** One budget for all processes: what those before have sent is gone. */
  environmentLeft(): Environment {
    const { environment } = this.#run;
    const requests = Math.max(0, environment.budget.requests - this.spent());
    return { ...environment, budget: { ...environment.budget, requests } };
  }

  take(message: FromRunner, peer: Peer): void {
    const { emit, onMessage } = this.#run;
    if (message.type === 'entry') emit(message.entry);
    if (message.type === 'secret') this.secrets.push(message.value);
    if (message.type === 'trouble') this.trouble.push(message.detail);
    if (message.type === 'evidence') this.#keep(message);
    if (message.type === 'finished') {
      this.#unfinished.delete(message.check);
      this.#spent.set(peer.id, message.spent);
      this.#flaky(message);
    }
    onMessage?.(message);
  }

  /** A process that is gone leaves its check without a word, and what it made without somebody to remove it. */
  gone(peer: Peer): void {
    const { emit, clock, signal, scope } = this.#run;
    for (const check of peer.open) {
      this.#unfinished.delete(check);
      emit({
        kind: 'residue',
        what: `made by ${check}`,
        id: scope,
        why: 'the process that would have removed it died',
      });
      if (!signal.aborted) emit(crashed(check, clock.now(), 'the process it ran in died'));
    }
    peer.open.clear();
  }

  nameUnfinished(): void {
    const why = this.trouble[0] ? `: ${this.trouble[0]}` : '';
    for (const check of this.#unfinished)
      this.#run.emit(crashed(check, this.#run.clock.now(), `its body never finished${why}`));
  }

  #keep({ check, attempt, files }: Extract<FromRunner, { type: 'evidence' }>): void {
    const { directory, environment, emit } = this.#run;
    const secrets = [...environment.secrets, ...this.secrets];
    try {
      for (const note of keepEvidence({ check, attempt, files, directory, secrets })) emit(note);
    } catch (error) {
      const detail = `evidence could not be kept: ${error instanceof Error ? error.message : String(error)}`;
      emit({ kind: 'note', check, what: 'evidence', detail });
    }
  }

  /** A flow that needed a second look is shown as such; the broken first look stays in the record and decides. */
  #flaky({ check, word }: Extract<FromRunner, { type: 'finished' }>): void {
    const words = [...(this.#attempts.get(check) ?? []), word];
    this.#attempts.set(check, words);
    if (words.length < 2 || word !== 'ok') return;
    const detail = `failed ${words.length - 1} of ${words.length} times and held the last time`;
    this.#run.emit({ kind: 'note', check, what: 'flaky', detail });
  }
}

const crashed = (check: string, atMs: number, detail: string): Entry => ({
  kind: 'ours',
  what: 'check-crashed',
  check,
  fromMs: atMs,
  toMs: atMs,
  detail,
  spoils: true,
});
