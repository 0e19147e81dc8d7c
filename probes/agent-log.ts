import { open } from 'node:fs/promises';
import { isRecord, jsonOf } from '../platform/json.ts';

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
export function isError(line: string): boolean {
  const value = jsonOf(line);
  if (isRecord(value)) {
    const level = value.level ?? value.severity ?? value.levelname;
    return typeof level === 'number'
      ? level >= 50
      : /^(error|critical|fatal|panic|alert|emergency)$/i.test(String(level));
  }
  return /\b(ERROR|CRITICAL|FATAL)\b/.test(line) || /^Traceback \(most recent call last\)/.test(line);
}

/** Lines since the process last said that it starts; all of them when it never did. */
export function sinceStart(lines: readonly string[]): readonly string[] {
  const started = lines.findLastIndex((line) =>
    /\b(starting|booting|initiali[sz]ing) (the )?(livekit[- ])?(worker|agent)\b/i.test(line),
  );
  return lines.slice(Math.max(0, started));
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
