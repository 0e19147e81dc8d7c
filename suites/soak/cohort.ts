import type { Making } from '../../platform/accounts.ts';
import { openHttp } from '../../probes/http.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { type Person, type Prepared, prepare } from '../load/prepare.ts';
import type { Streams } from './streams.ts';

/** Some users that came together and go together, with everything they made. */
export interface Cohort {
  readonly people: readonly Person[];
  readonly plan: Prepared['plan'];
  /** One for each user who could not be made: why. */
  readonly failures: readonly string[];
  /** Why there is nobody: the deployment's doing, or what is not granted. */
  readonly failed: string | null;
  readonly needs: string | null;
  retire(): Promise<void>;
}

const undosAtOnce = 4;
const undoAtMostMs = 15_000;

/**
 * Makes users, and counts each who could or could not be made among the answers. Whatever happens to the soak, they are
 * removed again: `retire` runs once, at the latest at its end.
 */
export async function makeCohort(soak: SoakContext, streams: Streams, wanted: number): Promise<Cohort> {
  const undos: (() => Promise<void>)[] = [];
  const making: Making = {
    environment: soak.environment,
    signal: soak.signal,
    scope: soak.scope,
    now: soak.now,
    cleanup: (undo) => void undos.push(undo),
    residue: (what, id, why) => soak.emit({ kind: 'residue', what, id, why }),
  };
  const retire = once(async () => {
    await undoAll(undos, making);
    forget();
  });
  const forget = soak.cleanup(retire);
  const http = openHttp(making);
  try {
    const { people, plan, failures, failed, needs } = await prepare(making, http, wanted + (wanted % 2));
    count(streams, people.length, failures);
    return { people, plan, failures, failed, needs, retire };
  } finally {
    await http.close();
  }
}

/** Whoever is told to come later has been answered; a given account that is refused may be wrong in the environment file. */
export const isNoError = (because: string): boolean =>
  /answered 429\b|^a given \w+ could not be used: sign-in was refused/.test(because);

function count(streams: Streams, made: number, failures: readonly string[]): void {
  for (let i = 0; i < made; i++) streams.counted({ ok: true }, 'answers');
  for (const because of failures) if (!isNoError(because)) streams.counted({ ok: false, because }, 'answers');
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work();
    return running;
  };
}

async function undoAll(undos: readonly (() => Promise<void>)[], making: Making): Promise<void> {
  const left = undos.toReversed();
  const worker = async () => {
    for (let undo = left.shift(); undo !== undefined; undo = left.shift()) await tried(undo, making);
  };
  await Promise.all(Array.from({ length: undosAtOnce }, worker));
}

async function tried(undo: () => Promise<void>, { residue, scope }: Making): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not finish within ${undoAtMostMs / 1000} s`)), undoAtMostMs);
  });
  try {
    await Promise.race([undo(), late]);
  } catch (error) {
    residue('left by the soak', scope, `clean-up failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
