import { createHash } from 'node:crypto';

/** Patterns that constraints hold texts against: `value ~ '^[a-z]{2,8}$'`. */
export const patternsIn = (texts: readonly string[]): string[] => [
  ...new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/(?<![!~])~(?!~)\*?\s*\(*'((?:[^']|'')*)'/g)].map((match) => match[1]!.replaceAll("''", "'")),
    ),
  ),
];

/** Texts that a pattern lets in, the same for the same seed; none where it holds more than is understood here. The database has the last word. */
export function samplesOf(pattern: string, seed: string, many = 3): string[] {
  try {
    return Array.from({ length: many }, (_, at) => sample(pattern, `${seed} ${at}`));
  } catch (error) {
    if (error instanceof Unknown) return [];
    throw error;
  }
}

class Unknown extends Error {}

type Draw = (below: number) => number;
type Part = (draw: Draw) => string;

function sample(pattern: string, seed: string): string {
  const bytes = createHash('sha512').update(seed).digest();
  let at = 0;
  const draw: Draw = (below) => {
    at = (at + 2) % (bytes.length - 2);
    return bytes.readUInt16BE(at) % below;
  };
  const reader: Reader = { text: pattern, at: 0 };
  const part = choice(reader);
  if (reader.at < pattern.length) throw new Unknown();
  return part(draw);
}

interface Reader {
  readonly text: string;
  at: number;
}

function choice(reader: Reader): Part {
  const options = [sequence(reader)];
  while (reader.text[reader.at] === '|') {
    reader.at += 1;
    options.push(sequence(reader));
  }
  return (draw) => options[draw(options.length)]!(draw);
}

function sequence(reader: Reader): Part {
  const parts: Part[] = [];
  while (reader.at < reader.text.length && !/[|)]/.test(reader.text[reader.at]!)) parts.push(repeated(reader));
  return (draw) => parts.map((one) => one(draw)).join('');
}

const furtherWhereOpen = 6;

function repeated(reader: Reader): Part {
  const part = atom(reader);
  const [whole, mark, from, comma, to] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(reader.text.slice(reader.at)) ?? [];
  if (whole === undefined) return part;
  reader.at += whole.length;
  const least = mark ? (mark === '+' ? 1 : 0) : Number(from);
  const most = mark === '?' ? 1 : mark || (comma && !to) ? least + furtherWhereOpen : to ? Number(to) : least;
  // Long ones, so that two are seldom alike.
  const shortest = Math.max(least, most - 2);
  return (draw) => Array.from({ length: shortest + draw(most - shortest + 1) }, () => part(draw)).join('');
}

function atom(reader: Reader): Part {
  const letter = reader.text[reader.at]!;
  reader.at += 1;
  if (letter === '^' || letter === '$') return () => '';
  if (letter === '.') return oneOf([...small]);
  if (letter === '[') return oneOf(bracket(reader));
  if (letter === '\\') return oneOf(escaped(reader));
  if (letter === '(') return group(reader);
  if (/[*+?{]/.test(letter)) throw new Unknown();
  return () => letter;
}

function group(reader: Reader): Part {
  if (reader.text.startsWith('?:', reader.at)) reader.at += 2;
  else if (reader.text[reader.at] === '?') throw new Unknown();
  const inner = choice(reader);
  if (reader.text[reader.at] !== ')') throw new Unknown();
  reader.at += 1;
  return inner;
}

const small = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const named: Readonly<Record<string, string>> = {
  alpha: small,
  lower: small,
  upper: small.toUpperCase(),
  digit: digits,
  alnum: small + digits,
  xdigit: `${digits}abcdef`,
};

const oneOf = (letters: readonly string[]): Part => {
  if (letters.length === 0) throw new Unknown();
  return (draw) => letters[draw(letters.length)]!;
};

function escaped(reader: Reader): string[] {
  const letter = reader.text[reader.at]!;
  reader.at += 1;
  if (letter === 'd') return [...digits];
  if (letter === 'w') return [...small, ...digits];
  if (letter === undefined || /[a-zA-Z0-9]/.test(letter)) throw new Unknown();
  return [letter];
}

function bracket(reader: Reader): string[] {
  const negated = reader.text[reader.at] === '^';
  if (negated) reader.at += 1;
  const letters: string[] = [];
  for (let first = true; first || reader.text[reader.at] !== ']'; first = false) letters.push(...member(reader));
  reader.at += 1;
  return negated ? [...small, ...digits].filter((one) => !letters.includes(one)) : letters;
}

function member(reader: Reader): string[] {
  const rest = reader.text.slice(reader.at);
  const [whole, name] = /^\[:(\w+):\]/.exec(rest) ?? [];
  if (whole !== undefined) {
    reader.at += whole.length;
    return [...(named[name!] ?? '')];
  }
  const [range, from, to] = /^([^\\])-([^\]\\])/.exec(rest) ?? [];
  reader.at += range?.length ?? 1;
  if (rest === '') throw new Unknown();
  if (range === undefined) return rest[0] === '\\' ? escaped(reader) : [rest[0]!];
  const [low, high] = [from!.charCodeAt(0), to!.charCodeAt(0)];
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, at) => String.fromCharCode(low + at));
}
