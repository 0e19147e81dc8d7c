import { type ReactNode, useEffect, useId } from 'react';
import type { Loaded, Task } from '../use.ts';

export function Page({ title, intro, children }: { title: string; intro?: string; children?: ReactNode }) {
  useTitle(title);
  return (
    <>
      <h1>{title}</h1>
      {intro && <p className="note intro">{intro}</p>}
      {children}
    </>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} | Platform`;
  }, [title]);
}

/** One thing on a page, found by its heading. */
export function Section({ title, children }: { title: string; children?: ReactNode }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

interface FieldGiven {
  readonly label: string;
  readonly name: string;
  readonly hint?: string;
  readonly rows?: number;
  readonly [attribute: string]: unknown;
}

export function Field({ label, name, hint, rows, ...rest }: FieldGiven) {
  const id = useId();
  const attributes = {
    id: (rest.id as string) ?? id,
    name,
    ...rest,
    ...(hint ? { 'aria-describedby': `${id}hint` } : {}),
  };
  return (
    <div className="field">
      <label htmlFor={attributes.id}>{label}</label>
      {rows ? <textarea rows={rows} {...attributes} /> : <input {...attributes} />}
      {hint && (
        <p className="note" id={`${id}hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceGiven {
  readonly label: string;
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly [attribute: string]: unknown;
}

export function Choice({ label, name, options, ...rest }: ChoiceGiven) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} {...rest}>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FormGiven {
  readonly label: string;
  readonly task: Task<Readonly<Record<string, string>>>;
  readonly submit: string;
  readonly busy?: string;
  readonly children?: ReactNode;
  readonly resetAfter?: boolean;
  /** What else one can do than submit. */
  readonly other?: ReactNode;
}

/** A form hands its fields to its task, and says beside its button what became of them. */
export function Form({ label, task, submit, busy, children, resetAfter, other }: FormGiven) {
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void task.run(fieldsOf(form)).then((good) => good && resetAfter && form.reset());
      }}
    >
      {children}
      <Outcome task={task} />
      <button type="submit" disabled={task.busy}>
        {task.busy ? (busy ?? 'Saving...') : submit}
      </button>
      {other}
    </form>
  );
}

export const fieldsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
  );

export function Outcome({ task }: { task: Pick<Task<never>, 'problem' | 'done'> }) {
  return (
    <>
      {task.problem && (
        <p className="error" role="alert">
          {task.problem}
        </p>
      )}
      {task.done && (
        <p className="done" role="status">
          {task.done}
        </p>
      )}
    </>
  );
}

/** What was loaded, or that it is on its way, or why it is not there and how to try again. */
export function Show<Value>({ loaded, children }: { loaded: Loaded<Value>; children: (value: Value) => ReactNode }) {
  const { value, problem, loading, reload } = loaded;
  return (
    <>
      {problem && <Failure problem={problem} again={reload} />}
      {value !== undefined ? children(value) : loading && <Waiting />}
    </>
  );
}

export const Failure = ({ problem, again }: { problem: string; again: () => void }) => (
  <div className="failure" role="alert">
    <p className="error">{problem}</p>
    <button type="button" className="plain" onClick={again}>
      Try again
    </button>
  </div>
);

export const Waiting = () => (
  <p className="note" role="status">
    Loading...
  </p>
);

export const Empty = ({ children }: { children: ReactNode }) => <p className="note">{children}</p>;

export const when = (iso: string | null | undefined): string =>
  iso ? new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '–';
