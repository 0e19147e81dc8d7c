import { useCallback, useEffect, useRef, useState } from 'react';
import { Refusal } from './api.ts';
import { useSession } from './session.tsx';

export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly problem: string | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Loads when `inputs` change and when asked to; what was there stays visible while it is loaded again. */
export function useLoaded<Value>(load: () => Promise<Value>, inputs: readonly unknown[] = []): Loaded<Value> {
  const [state, setState] = useState<{ value?: Value; problem?: string; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  const { expire } = useSession();
  // The caller says when to load again.
  useEffect(() => {
    let current = true;
    setState((before) => ({ ...before, problem: undefined, loading: true }));
    load().then(
      (value) => current && setState({ value, loading: false }),
      (error) => {
        if (current) setState((before) => ({ ...before, problem: textOf(error), loading: false }));
        if (isExpired(error)) expire();
      },
    );
    return () => {
      current = false;
    };
  }, [...inputs, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { value: state.value, problem: state.problem, loading: state.loading, reload };
}

export interface Task<Input> {
  readonly run: (input: Input) => Promise<boolean>;
  readonly busy: boolean;
  readonly problem: string | undefined;
  readonly done: string | undefined;
  readonly clear: () => void;
}

/** Something a person asked for: busy while it lasts, then done (with a sentence, where `work` gives one) or refused. One at a time. */
export function useTask<Input = void>(work: (input: Input) => Promise<unknown>): Task<Input> {
  const [state, setState] = useState<{ busy: boolean; problem?: string; done?: string }>({ busy: false });
  const { expire } = useSession();
  const busy = useRef(false);
  const run = async (input: Input): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setState({ busy: true });
    try {
      const done = await work(input);
      setState({ busy: false, ...(typeof done === 'string' ? { done } : {}) });
      return true;
    } catch (error) {
      setState({ busy: false, problem: textOf(error) });
      if (isExpired(error)) expire();
      return false;
    } finally {
      busy.current = false;
    }
  };
  return { run, busy: state.busy, problem: state.problem, done: state.done, clear: () => setState({ busy: false }) };
}

const isExpired = (error: unknown): boolean => error instanceof Refusal && error.code === 'UNAUTHORIZED';

export function textOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  console.error(error);
  return 'Something went wrong. Please try again.';
}
