import { isRecord } from '../platform/json.ts';

/** Lines of logs as loggers and container runtimes write them, for whoever wants to know how grave one is. */

/** The object a line is, or ends with; null when it is plain text. */
export function jsonOfLine(line: string): Readonly<Record<string, unknown>> | null {
  const from = line.indexOf('{');
  // A container runtime puts a time and a stream before the service's own line.
  const json = from >= 0 && from <= 100 && /\}\s*$/.test(line) ? parsed(line.slice(from)) : null;
  return json !== null && (from === 0 || levelOf(json) !== undefined) ? json : null;
}

/** What a container wrote, line by line, as Docker keeps it; null when it is something else. */
export const keptByDocker = ({ log, stream }: Readonly<Record<string, unknown>>): string | null =>
  typeof log === 'string' && typeof stream === 'string' ? log : null;

const levelKeys = [
  'level',
  'severity',
  'lvl',
  'levelname',
  'level_name',
  'loglevel',
  'log.level',
  'severityText',
  'SeverityText',
  'severity_text',
  'error_severity',
  'PRIORITY',
];

/** What a line of JSON says of how grave it is, in its logger's own word or number; undefined: it says nothing. */
export function levelOf(json: Readonly<Record<string, unknown>>): unknown {
  const key = levelKeys.find((name) => typeof json[name] === 'string' || typeof json[name] === 'number');
  if (key !== undefined) return json[key];
  return isRecord(json.log) ? json.log.level : undefined;
}

/** A level as a number, also where it is one in quotes. */
function numberOf(level: unknown): number | null {
  if (typeof level === 'number') return level;
  return /^\d+$/.test(String(level)) ? Number(level) : null;
}

/** The least number of a gravity: pino and bunyan count upwards, syslog and what speaks its language downwards. */
export interface Least {
  readonly pino: number;
  readonly syslog: number;
}

/** Is a level that is a number so grave? Null: it is none. */
export function isSoGrave(level: unknown, json: Readonly<Record<string, unknown>>, least: Least): boolean | null {
  const number = numberOf(level);
  if (number === null) return null;
  const isSyslog = 'short_message' in json || json.PRIORITY === level;
  return isSyslog ? number <= least.syslog : number >= least.pino;
}

export function messageOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const { textPayload, jsonPayload } = json;
  const usual = [json.msg, json.message, json.short_message, json.MESSAGE, json.body, json.Body, json.err, json.error];
  const found = [...usual, textPayload, jsonPayload]
    .map((value) => (isRecord(value) ? (value.message ?? value.stringValue) : value))
    .find((value) => typeof value === 'string' && value !== '');
  return found as string | undefined;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
