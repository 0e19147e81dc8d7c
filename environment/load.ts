import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { z } from 'zod';
import { assemble } from './assemble.ts';
import { consistencyProblems } from './consistency.ts';
import { type Document, readDocument } from './document.ts';
import { interpolation } from './interpolate.ts';
import { nearest, type Path, type Problem, pathText, show } from './problems.ts';
import { type FileContent, shape } from './shape.ts';
import type { Environment } from './types.ts';

export { formatProblems, type Problem } from './problems.ts';

export type Loaded =
  | { readonly environment: Environment; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly environment?: never };

export interface LoadOptions {
  /** Ids of all checks there are; a waiver for another one is a problem. Unknown ids are let pass when it is missing. */
  readonly checkIds?: ReadonlySet<string>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads an environment file and finds all its problems at once; nothing but this looks at it again. */
export function loadEnvironment(file: string, variables: Variables = process.env, options: LoadOptions = {}): Loaded {
  const read = readText(file);
  return 'problem' in read ? { problems: [read.problem] } : parseEnvironment(read.text, file, variables, options);
}

export function parseEnvironment(text: string, file: string, variables: Variables, options: LoadOptions = {}): Loaded {
  const marked = interpolation(text, variables);
  const document = readDocument(marked.text, marked);
  if (document.value === undefined) return { problems: withFallback(document.problems) };
  const parsed = shape.safeParse(document.value);
  const problems = [
    ...document.problems,
    ...(parsed.error?.issues ?? []).flatMap((issue) => problemsOf(issue, document)),
    ...consistencyProblems(document.value, document, options.checkIds),
  ];
  const assembled = parsed.success ? assemble(parsed.data as FileContent, document, resolve(file)) : undefined;
  const all = oneAPlace([...problems, ...(assembled?.problems ?? [])]);
  return all.length === 0 && assembled ? { environment: assembled.environment } : { problems: all };
}

const sizeLimit = 256 * 1024;

function readText(file: string): { text: string } | { problem: Problem } {
  const problem = (expected: string, found: string) => ({ problem: { path: 'the file', expected, found } });
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return problem('a file', 'a directory');
    if (!stat.isFile() && !stat.isFIFO()) return problem('a file', 'a device');
    if (stat.size > sizeLimit) return problem(`at most ${sizeLimit} bytes`, String(stat.size));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return text.trim() === '' ? problem('a description of a deployment', 'an empty file') : { text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return problem('UTF-8 text', 'other bytes');
    if (code === 'ENOENT') return problem('a readable file', `no file of the name ${basename(file)}`);
    return problem('a readable file', code === 'EACCES' ? 'permission denied' : `the error ${code ?? 'unknown'}`);
  }
}

function withFallback(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length > 0) return problems;
  return [{ path: 'the file', expected: 'a description of a deployment', found: 'an empty file' }];
}

function problemsOf(issue: z.core.$ZodIssue, document: Document): Problem[] {
  const path: Path = issue.path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], document));
  const found = show(path, valueAt(document.value, path), document.sourceOf(path));
  return [place(path, document, issue.message, found)];
}

function unknownKey(path: Path, document: Document): Problem {
  const key = String(path.at(-1));
  const known = knownKeys(path.slice(0, -1));
  const meant = nearest(key, known);
  const found = `${JSON.stringify(key)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  return place(path, document, `one of the keys ${known.join(', ')}`, found);
}

function place(path: Path, document: Document, expected: string, found: string): Problem {
  const line = document.lineOf(path);
  return {
    path: path.length === 0 ? 'the file' : pathText(path),
    ...(line === undefined ? {} : { line }),
    expected,
    found,
  };
}

export function knownKeys(path: Path): string[] {
  const reached = path.reduce<unknown>((schema, key) => innerSchema(schema, key), shape);
  return Object.keys(shapeOf(reached) ?? {});
}

/** Steps through `optional`, `preprocess` and list wrappers down to the mapping or value they hold. */
function innerSchema(schema: unknown, key: PropertyKey): unknown {
  const unwrapped = unwrap(schema);
  return typeof key === 'number' ? unwrap(unwrapped) : shapeOf(unwrapped)?.[String(key)];
}

type Def = { innerType?: unknown; out?: unknown; element?: unknown; type?: string };

function unwrap(schema: unknown): unknown {
  const def = (schema as { def?: Def } | undefined)?.def;
  if (def?.innerType) return unwrap(def.innerType);
  if (def?.type === 'pipe' && (def.out as { def?: Def })?.def?.type === 'array') return unwrap(def.out);
  return def?.element ? unwrap(def.element) : schema;
}

export function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (unwrap(schema) as { shape?: Record<string, unknown> } | undefined)?.shape;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** An unset variable also leaves a key empty; one sentence about a place is enough, and the first one knows the cause. */
function oneAPlace(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  const first = problems.filter(({ path, expected }) => {
    const key = path === 'the file' ? `${path}:${expected}` : path;
    return !seen.has(key) && seen.add(key);
  });
  return first.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
