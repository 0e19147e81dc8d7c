/**
 * `${NAME}` and `${NAME:-default}`, with `$${` for a literal `${`. They are taken out of the text before YAML reads it, because
 * `{ url: ${URL} }` is not YAML, and put back into the finished texts, so that no value can change the file's structure.
 */
export interface Interpolation {
  /** The file's text with a mark in place of each reference; line breaks are untouched. */
  readonly text: string;
  /** Fills the marks of one scalar in. */
  fill(scalar: string): Filled;
}

export interface Filled {
  readonly value: string;
  /** As it stood in the file. */
  readonly source: string;
  /** Name of the variable and what it brought in, for each that was set. */
  readonly used: readonly { readonly name: string; readonly value: string }[];
  /** What is wrong, each completing "expected …". */
  readonly wrong: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

// Two private-use characters that no address, name or secret has a reason to contain.
const mark = (index: number): string => `\uE0F0${index}\uE0F1`;
const marks = /\uE0F0(\d+)\uE0F1/g;

export function interpolation(text: string, variables: Variables): Interpolation {
  const references: string[] = [];
  const marked = text.replace(/\$?\$\{[^{}\r\n]*\}/g, (reference) => mark(references.push(reference) - 1));
  return {
    text: marked,
    fill(scalar) {
      const source = scalar.replace(marks, (_, index) => references[Number(index)] ?? '');
      return fill(source, variables);
    },
  };
}

function fill(source: string, variables: Variables): Filled {
  const used: { name: string; value: string }[] = [];
  const wrong: string[] = [];
  const value = source.replace(/\$?\$\{[^{}]*\}?/g, (reference) => {
    if (reference.startsWith('$$')) return reference.slice(1);
    const [, name, fallback] = /^\$\{([A-Za-z_]\w*)(?::-([\s\S]*))?\}$/.exec(reference) ?? [];
    if (name === undefined) return reject(wrong, `\${NAME} or \${NAME:-default} ($\${ stands for a literal \${)`);
    const set = variables[name];
    if (set) used.push({ name, value: set });
    else if (fallback === undefined) return reject(wrong, `the environment variable ${name} to be set`);
    return set || (fallback as string);
  });
  return { value, source, used, wrong };
}

function reject(wrong: string[], expected: string): string {
  wrong.push(expected);
  return '';
}
