/** One thing wrong with an environment file: where, what was expected, what was found. Never holds a secret's value. */
export interface Problem {
  readonly path: string;
  readonly line?: number;
  readonly expected: string;
  readonly found: string;
}

export type Path = readonly PropertyKey[];

export function formatProblems(file: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ path, line, expected, found }) => {
    const where = line === undefined ? path : `${path} (line ${line})`;
    return `  ${where}: expected ${expected}, got ${found}`;
  });
  return [`${file} does not describe a deployment:`, ...lines].join('\n');
}

/** `realtime.urls[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** What was found, for people: a secret is described by its length, an interpolated value by its variable. */
export function show(path: Path, value: unknown, source?: string): string {
  if (value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'string') return 'a mapping';
  if (source?.includes('${')) return `the value of ${clip(source)}`;
  if (/^(secret|password)$/.test(String(path.at(-1)))) return `a text of ${value.length} characters`;
  return clip(value.replace(/(\/\/[^/@\s]*:)[^@\s]*@/g, '$1[redacted]@'));
}

function clip(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** The known word nearest to a mistyped one, when it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 10) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap));
    }
    row = next;
  }
  return row[b.length]!;
}
