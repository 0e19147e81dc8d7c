import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Interpolation } from './interpolate.ts';
import { type Path, type Problem, pathText } from './problems.ts';

/**
 * A YAML text as plain texts, lists and mappings. Every scalar stays the text that stands in the file: YAML's own guesses would
 * make 16.1 of a version 16.10 and a date of a name. A key without a value counts as absent.
 */
export interface Document {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Variables that were filled in, by the path of the text they went into. */
  readonly used: readonly { readonly path: string; readonly name: string; readonly value: string }[];
  lineOf(path: Path): number | undefined;
  /** The scalar as it stood in the file, with its `${NAME}`. */
  sourceOf(path: Path): string | undefined;
}

const depthLimit = 20;
// Aliases may be used, but a few nested ones can stand for billions of nodes.
const nodeLimit = 20_000;
const aliasLimit = 100;

export function readDocument(text: string, interpolation: Interpolation): Document {
  const lineCounter = new LineCounter();
  const walk = new Walk(lineCounter, interpolation);
  try {
    const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false, uniqueKeys: false });
    for (const { line, message } of syntaxErrors([...document.errors, ...document.warnings], lineCounter))
      walk.problem([], line, 'well-formed YAML', message);
    walk.resolve = (node) => (isAlias(node) ? node.resolve(document) : node);
    if (walk.problems.length === 0) walk.value = walk.visit(document.contents, [], 0);
  } catch (error) {
    // The YAML reader recurses, so text nested thousands deep ends in an exception.
    walk.problem(
      [],
      undefined,
      'well-formed YAML',
      error instanceof RangeError ? 'too deep a nesting' : lowerFirst(String(error)),
    );
  }
  return walk;
}

class Walk implements Document {
  value: unknown;
  problems: Problem[] = [];
  used: { path: string; name: string; value: string }[] = [];
  resolve: (node: Node | null) => Node | null | undefined = (node) => node;
  private nodes = 0;
  private aliases = 0;
  private readonly lines = new Map<string, number>();
  private readonly sources = new Map<string, string>();
  private readonly lineCounter: LineCounter;
  private readonly interpolation: Interpolation;

  constructor(lineCounter: LineCounter, interpolation: Interpolation) {
    this.lineCounter = lineCounter;
    this.interpolation = interpolation;
  }

  visit(unresolved: Node | null, path: Path, depth: number): unknown {
    if (isAlias(unresolved) && ++this.aliases > aliasLimit) return this.tooMuch(path, `at most ${aliasLimit} aliases`);
    if (depth > depthLimit) return this.tooMuch(path, `at most ${depthLimit} levels`);
    if (++this.nodes > nodeLimit) return this.tooMuch(path, `at most ${nodeLimit} values, aliases unfolded`);
    const node = this.resolve(unresolved);
    if (isAlias(unresolved) && !node)
      this.problem(path, this.lineOf(path), 'an alias of an anchor before it', `*${unresolved.source}`);
    if (isMap(node)) return this.mapping(node, path, depth);
    if (isSeq(node)) return this.list(node, path, depth);
    if (!isScalar(node)) return undefined;
    return this.scalar(String(node.value ?? ''), node.type === 'PLAIN', path);
  }

  lineOf(path: Path): number | undefined {
    // A missing key has no line of its own: its parent's is where it belongs.
    for (let length = path.length; length > 0; length--) {
      const line = this.lines.get(pathText(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  sourceOf(path: Path): string | undefined {
    return this.sources.get(pathText(path));
  }

  problem(path: Path, line: number | undefined, expected: string, found: string): void {
    const place = path.length === 0 ? 'the file' : pathText(path);
    this.problems.push({ path: place, ...(line === undefined ? {} : { line }), expected, found });
  }

  private mapping(map: YAMLMap, path: Path, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = Object.create(null);
    for (const { key, value } of map.items as Pair<Node | null, Node | null>[]) {
      const name = isScalar(key) ? this.interpolation.fill(String(key.value ?? '')).source : undefined;
      if (name === undefined) {
        this.problem(
          path,
          this.lineAt(key) ?? this.lineOf(path),
          'keys that are plain words',
          'a list or mapping as a key',
        );
        continue;
      }
      const inner = [...path, name];
      const line = this.lineAt(value) ?? this.lineAt(key);
      if (name in result) this.problem(inner, this.lineAt(key), 'each key once', `${JSON.stringify(name)} again`);
      this.lines.set(pathText(inner), (isScalar(value) ? line : this.lineAt(key)) ?? 1);
      result[name] = this.visit(value, inner, depth + 1);
    }
    return result;
  }

  private list(list: YAMLSeq, path: Path, depth: number): unknown[] {
    return (list.items as (Node | null)[]).map((item, index) => {
      const inner = [...path, index];
      this.lines.set(pathText(inner), this.lineAt(item) ?? this.lineOf(path) ?? 1);
      return this.visit(item, inner, depth + 1) ?? '';
    });
  }

  private scalar(text: string, plain: boolean, path: Path): string | undefined {
    const { value, source, used, wrong } = this.interpolation.fill(text);
    for (const expected of wrong) this.problem(path, this.lineOf(path), expected, 'nothing');
    this.used.push(...used.map((variable) => ({ path: pathText(path), ...variable })));
    this.sources.set(pathText(path), source);
    if (value === '' || (plain && (value === '~' || value === 'null'))) return undefined;
    return value;
  }

  private lineAt(node: Node | null | undefined): number | undefined {
    return node?.range ? this.lineCounter.linePos(node.range[0]).line : undefined;
  }

  private tooMuch(path: Path, expected: string): undefined {
    if (!this.problems.some((problem) => problem.expected === expected))
      this.problem(path.slice(0, 3), this.lineOf(path), expected, 'more');
    return undefined;
  }
}

/** One mistake trails others behind it, so only the first of a line and only three are told; what they quote may be secret. */
function syntaxErrors(errors: readonly { message: string; pos: [number, number] }[], lineCounter: LineCounter) {
  const told = errors.map(({ message, pos }) => ({
    line: lineCounter.linePos(pos[0]).line,
    message: lowerFirst(message).replace(/: ".*$| in YAML stream.*$/, ''),
  }));
  return told.filter(({ line }, index) => told.findIndex((other) => other.line === line) === index).slice(0, 3);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).split('\n')[0];
}
