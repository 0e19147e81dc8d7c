import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A day, as loggers put it into the name of a file. */
const day = /\d{4}([-_.]?)\d{2}\1\d{2}/;

/** Some loggers begin a file with another day in its name; of those that have nothing else apart, the last. */
export function latestOf(path: string): string {
  const name = basename(path);
  const found = day.exec(name);
  if (found === null) return path;
  const [head, tail] = [name.slice(0, found.index), name.slice(found.index + found[0].length)];
  const isLater = (other: string) =>
    other > name && other.length === name.length && other.startsWith(head) && other.endsWith(tail) && day.test(other);
  const later = namesIn(dirname(path)).filter(isLater).sort().at(-1);
  return later === undefined ? path : join(dirname(path), later);
}

/** `app.log`, `app.1.log`, `app-2.log`: a name, the number of the file, and how it ends. */
const numbered = /^(.*?)(?:[._-]?(\d{1,6}))?(\.[a-z]+)$/i;

/**
 * Others begin a file with the next number in its name once one is large enough. `known`: the names that were there before,
 * which are of other processes or older; and what was renamed so is older than the file that is written to. One that began
 * while the other is still written to is another process's; beside a quiet one that cannot be told, and both are read.
 */
export function nextOf(path: string, known: ReadonlySet<string>): string {
  const own = numbered.exec(basename(path));
  if (own === null) return path;
  const folder = dirname(path);
  const following = namesIn(folder).flatMap((name) => {
    const other = known.has(name) ? null : numbered.exec(name);
    const isOfSame = other !== null && other[1] === own[1] && other[3] === own[3];
    return isOfSame && numberOf(other) > numberOf(own) ? [{ name, number: numberOf(other) }] : [];
  });
  if (!following.some(({ name }) => isNewer(join(folder, name), path))) return path;
  return join(folder, following.sort((a, b) => a.number - b.number)[0]!.name);
}

/** Nothing was written for so long to a file that another has taken the place of. */
const stillMs = 60_000;

const numberOf = (match: RegExpExecArray): number => Number(match[2] ?? 0);

function isNewer(path: string, than: string): boolean {
  const [one, other] = [path, than].map((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs);
  return one !== undefined && other !== undefined && one > other + stillMs;
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
