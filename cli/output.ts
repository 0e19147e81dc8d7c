import { inCi } from '../environment/surroundings.ts';
import { advance, noProgress, type ProgressEvent, progressFrame, progressLine, redrawn } from '../reporters/index.ts';

/** The one place that writes to the terminal: results to stdout, everything said on the way to stderr. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
export const complain = (text: string): void => void process.stderr.write(`shakedown: ${text}\n`);

export interface Terminal {
  /** Whether somebody watches: stderr is a terminal and this is not CI. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly width: number;
}

/** NO_COLOR, FORCE_COLOR and TERM are read by Node's own `hasColors`. */
export function terminal(stream: NodeJS.WriteStream = process.stderr): Terminal {
  const live = stream.isTTY === true;
  return {
    live: live && !inCi(),
    colour: live && stream.hasColors?.() === true,
    width: Math.min(stream.columns || 100, 120),
  };
}

export type Progress = ((event: ProgressEvent) => void) & { end(): void };

/** Redraws a block on a terminal, writes plain lines into a log. */
export function progressFor(to: Terminal, now: () => number = () => performance.now()): Progress {
  return to.live ? liveProgress(to, now) : logProgress();
}

function logProgress(): Progress {
  const show = (event: ProgressEvent) => {
    const line = progressLine(event);
    if (line !== null) note(line);
  };
  return Object.assign(show, { end: () => undefined });
}

function liveProgress(to: Terminal, now: () => number): Progress {
  const started = now();
  let state = noProgress;
  let shown = '';
  const draw = () => {
    const frame = progressFrame(state, to);
    process.stderr.write(redrawn(shown, frame));
    shown = frame;
  };
  const timer = setInterval(() => {
    state = advance(state, { type: 'clock', atMs: Math.max(state.atMs, now() - started) });
    draw();
  }, 200);
  timer.unref();
  const show = (event: ProgressEvent) => {
    state = advance(state, event);
  };
  const end = () => {
    clearInterval(timer);
    process.stderr.write(redrawn(shown, ''));
    shown = '';
  };
  return Object.assign(show, { end });
}
