import { isSoGrave, jsonOfLine, keptByDocker, type Least, levelOf, messageOf } from '../log-line.ts';

/**
 * Which lines of a log no healthy service writes. What people wrote is quoted in logs all day, so a word counts only where
 * a logger puts it: in capitals, as a level, or at the beginning of a message.
 */

const names = 'fatal|critical|crit|alert|emergency|emerg|panic|dpanic';
const levels: ReadonlySet<string> = new Set(names.split('|'));
const capitals = /\b(FATAL|CRITICAL|PANIC|EMERGENCY)\b/;
/** `level=crit` of logfmt, `[emerg]` of nginx. */
const level = new RegExp(`\\b(level|lvl|severity|loglevel)\\s*[=:]\\s*"?(${names})\\b|\\[(${names})\\]`, 'i');
/** After a time and whatever stands in brackets. */
const prefix = String.raw`^(\[[^\]]*\]\s*|[\d:.,TZ+/-]+\s+)*`;
const begins = new RegExp(`${prefix}(fatal( \\w+)?( error)?|panic):`, 'i');
/** The end of a process, in the words of its runtime or of the kernel. */
const ends =
  /\(PID \d+\) was terminated by (signal|exception)|server process \(PID \d+\) exited with exit code|all server processes terminated|memory limit of \d+ [KMG]iB exceeded|segfault|segmentation fault|out of memory|core dumped|OOM[- ]?kill|uncaught ?exception|unhandled ?(promise ?)?rejection|unhandled 'error' event|^Traceback \(most recent call last\)|Exception in thread/i;
/**
 * The end of a worker or a container, in the words of who begins it again. An exit without trouble, or by the signal with
 * which it was asked to end, is none.
 */
const endsOf = [
  String.raw`App \[[^\]]*\] exited with code \[((?!0\]|130\]|143\])\d+\]|\d+\] via signal \[SIG(KILL|SEGV|ABRT|BUS|ILL|FPE)\])`,
  String.raw`Worker \(pid:\d+\) (exited with code [1-9]|was sent SIG(KILL|SEGV|ABRT|BUS|ILL|FPE))`,
  String.raw`Main process exited, code=(dumped|killed, status=(9|11|6|7|4|8)/|exited, status=(?!0/|130/|143/)\d+/)`,
  String.raw`Container called exit\((?!0\)|130\)|143\))\d+\)`,
  String.raw`Uncaught signal: (?!2\b|9\b|15\b)\d+`,
  'Back-off restarting failed container',
].join('|');
const begunAgain = new RegExp(endsOf);
/** Who says so in JSON says nothing before it but who it is. */
const tellsOfEnd = new RegExp(`^(PM2\\s+\\|?\\s*|[\\w.@-]+:\\s+)?(${endsOf})`);

/** What Node writes below the stack of an error that nobody caught. */
const endOfNode = new RegExp(`${prefix}(std(out|err) [FP] )?Node\\.js v\\d+\\.\\d+\\.\\d+\\s*$`);
/** The same where a message of JSON begins with it: further on it may be quoted. */
const crash =
  /^(\[[^\]]*\]\s*|[\w./-]+:\s*)*(an? |the )?(process )?(uncaught ?exception|unhandled ?(promise ?)?rejection|unhandled 'error' event|traceback \(most recent call last\))|JavaScript heap out of memory|\(PID \d+\) was terminated by (signal|exception)|all server processes terminated|^memory limit of \d+ [KMG]iB exceeded/i;

/** PostgreSQL puts two spaces behind a level. Its FATAL ends one session, which may have asked for no more than a role that is none. */
const fatalOfPostgres = /\bFATAL: {2}(.*)/;
const graveOfPostgres =
  /out of (shared )?memory|cannot allocate|no space left|input\/output error|could not (access|allocate|create|extend|flush|fork|fsync|map|open|read|rename|resize|seek|stat|truncate|write)|corrupt|invalid (page|checksum|record)|too many (clients|connections)|connection slots|database system is|data directory|lock file|shared memory|semaphore|checkpoint/i;
/** What nginx calls critical of a connection that its client spoilt; one to its upstream is not the client's. */
const spoiltByClient = /\[crit\].* SSL_\w+\(\) failed \(SSL: .*\) while (?!.*upstream,? client:)[^,]*, client: /;

/** Fatal; and emergency, alert, critical. */
const leastGrave: Least = { pino: 60, syslog: 2 };

/** Why a line is critical, shortened to what a person reads; null when it is not. */
export function criticalLine(line: string): string | null {
  const json = jsonOfLine(line);
  if (json !== null) return ofJson(json, line);
  if (/^\s*\{\s*"/.test(line)) return ofBroken(line);
  return isCriticalText(line) ? short(line) : null;
}

function isCriticalText(line: string): boolean {
  if (ends.test(line) || begunAgain.test(line) || endOfNode.test(line)) return true;
  if (spoiltByClient.test(line)) return false;
  const ofPostgres = fatalOfPostgres.exec(line)?.[1];
  if (ofPostgres !== undefined) return graveOfPostgres.test(ofPostgres);
  return capitals.test(line) || level.test(line) || begins.test(line);
}

function ofJson(json: Readonly<Record<string, unknown>>, line: string): string | null {
  const kept = keptByDocker(json);
  if (kept !== null) return criticalLine(kept);
  const grave = levelOf(json);
  const message = messageOf(json);
  if (grave === undefined) return criticalText(message ?? line);
  if (grave === json.error_severity && grave === 'FATAL')
    return graveOfPostgres.test(message ?? '') ? short(message ?? line) : null;
  // A log of JSON says by its level how grave it is; its text may quote anything, but a crash is one at any level.
  return isGrave(grave, json) || crash.test(message ?? '') || tellsOfEnd.test(message ?? '')
    ? short(message ?? line)
    : null;
}

const criticalText = (text: string): string | null => (text.startsWith('{') ? null : criticalLine(text));

const isGrave = (grave: unknown, json: Readonly<Record<string, unknown>>): boolean =>
  isSoGrave(grave, json, leastGrave) ?? levels.has(String(grave).toLowerCase());

/** JSON that was cut or is torn: its level is believed, its text is not searched. */
const brokenLevel = new RegExp(
  `"(level|severity|lvl|levelname|log\\.level|severityText|SeverityText)"\\s*:\\s*("(${names})"|"?60"?\\b)`,
  'i',
);
const ofBroken = (line: string): string | null => (brokenLevel.test(line.slice(0, 2_000)) ? short(line) : null);

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text).trim();
