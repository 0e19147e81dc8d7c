import { readdirSync } from 'node:fs';
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

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
