import { open } from 'node:fs/promises';
import { isRecord } from '../platform/json.ts';
import { isSoGrave, jsonOfLine, keptByDocker, type Least, levelOf, messageOf } from './log-line.ts';

/** The end of a text file, by lines; a log may be as long as a machine is old. */
export async function lastLines(
  file: string,
  maxBytes = 4 * 1024 * 1024,
): Promise<
  { readonly ok: true; readonly lines: readonly string[] } | { readonly ok: false; readonly because: string }
> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, maxBytes);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const lines = buffer.toString('utf8').split('\n');
      return { ok: true, lines: (length < size ? lines.slice(1) : lines).filter((line) => line.trim() !== '') };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, because: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` };
  }
}

/** A line of level error or worse, as JSON or as plain text; a traceback is one however long it is. */
export const isError = (line: string): boolean => gravityOf(line) === 'error';

/** Does a line say of itself how grave it is? */
export const saysLevel = (line: string): boolean => gravityOf(line) !== null;

type Gravity = 'error' | 'lesser';

function gravityOf(line: string): Gravity | null {
  const json = jsonOfLine(line);
  if (json === null) return ofText(line);
  // What stands before the fields of a message is the logger's own; a field may be called level as well.
  if (ofText(line.slice(0, line.indexOf('{'))) === 'error') return 'error';
  const kept = keptByDocker(json);
  if (kept !== null) return gravityOf(kept);
  const level = pythonLevelOf(json) ?? levelOf(json);
  if (level !== undefined) return ofLevel(level, json);
  const message = messageOf(json);
  return message === undefined ? null : ofText(message);
}

/** Python's numbers are others than pino's; loguru puts them, with their names, into a record of its own. */
function pythonLevelOf({ level, levelno, record }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof levelno === 'number') return levelno >= errorOfPython ? 'error' : 'lesser';
  const { name } = isRecord(level) ? level : isRecord(record) && isRecord(record.level) ? record.level : {};
  return typeof name === 'string' ? name : undefined;
}

const errorOfPython = 40;
const leastError: Least = { pino: 50, syslog: 3 };

const ofLevel = (level: unknown, json: Readonly<Record<string, unknown>>): Gravity =>
  (isSoGrave(level, json, leastError) ?? errorName.test(String(level))) ? 'error' : 'lesser';

const errorNames = 'error|err|severe|critical|crit|fatal|d?panic|alert|emergency|emerg';
const lesserNames = 'trace|debug|verbose|info|information|notice|success|warn|warning';
const errorName = new RegExp(`^(${errorNames})$`, 'i');
/** `level=error` of logfmt, `[error]`. */
const asLevel = (names: string) =>
  new RegExp(`\\b(level|lvl|severity|loglevel)\\s*[=:]\\s*"?(${names})\\b|\\[\\s*(${names})\\s*\\]`, 'i');
const [errorLevel, lesserLevel] = [asLevel(errorNames), asLevel(lesserNames)];
/** The letter of glog and of what was made after it. */
const glog = /^([IWEF])\d{4} \d\d:\d\d:/;
const lesserCapitals = /\b(TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARN|WARNING)\b/;

function ofText(text: string): Gravity | null {
  const letter = glog.exec(text)?.[1];
  if (letter !== undefined) return letter === 'E' || letter === 'F' ? 'error' : 'lesser';
  if (/\b(ERROR|CRITICAL|FATAL)\b/.test(text) || /^Traceback \(most recent call last\)/.test(text)) return 'error';
  if (errorLevel.test(text)) return 'error';
  return lesserLevel.test(text) || lesserCapitals.test(text) ? 'lesser' : null;
}

/** Lines since the process last said that it starts; all of them when it never did, which `started` tells. */
export function sinceStart(lines: readonly string[]): { readonly lines: readonly string[]; readonly started: boolean } {
  const at = lines.findLastIndex((line) =>
    /\b(starting|booting|initiali[sz]ing) (the )?(livekit[- ])?(worker|agent)\b/i.test(line),
  );
  return { lines: lines.slice(Math.max(0, at)), started: at >= 0 };
}

const kinds = {
  voice: /voice|speech|\bstt\b|\btts\b|\bvad\b|silero|deepgram|elevenlabs|cartesia|audio/i,
  vision: /vision|video|image|screen|anthropic|google|gemini|openai|multimodal/i,
} as const;

export type PluginKind = keyof typeof kinds;

/** The first line that says a plugin of the kind was loaded, null when none does. */
export function pluginLine(lines: readonly string[], kind: PluginKind): string | null {
  const says = (line: string) =>
    /plugin/i.test(line) &&
    kinds[kind].test(line) &&
    !isError(line) &&
    !/fail|could not|missing|unavailable|disabled/i.test(line);
  return lines.find(says) ?? null;
}

/** Names that have a value, of a file of `NAME=value` lines as shells, containers and dotenv write them. */
export function variablesSet(lines: readonly string[]): ReadonlySet<string> {
  const names = lines.flatMap((line) => {
    const found = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    const value = found?.[2]?.replace(/^(['"])(.*)\1$/, '$2') ?? '';
    return found && value !== '' && !value.startsWith('#') ? [found[1]!] : [];
  });
  return new Set(names);
}
