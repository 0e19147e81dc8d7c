import type { Environment } from '../environment/types.ts';
import type { Answer, Answered } from '../probes/http.ts';
import { isRecord, jsonOf } from './json.ts';

export function healthUrl({ api }: Environment): string {
  if (api === null) throw new Error('the environment file has no api');
  return under(api.url, api.healthPath);
}

/** `path` below a base address, whether or not the base ends in a slash. */
export const under = (base: string, path: string): string => `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;

/** What is wrong with an answer of `/health`, held against the documented fields; further fields are welcome. */
export function faultOfHealth(answer: Pick<Answered, 'status' | 'body'>, environment: Environment): string | null {
  if (answer.status !== 200) return `answered ${answer.status}`;
  const health = jsonOf(answer.body);
  if (!isRecord(health)) return 'answered 200 with something that is not a JSON object';
  if (health.status !== 'ok') return `says status ${JSON.stringify(health.status) ?? 'nothing'}`;
  if (!isIsoTime(health.timestamp)) return `its timestamp is ${JSON.stringify(health.timestamp) ?? 'missing'}`;
  if (typeof health.version !== 'string' || health.version === '') return 'names no version';
  return faultOfServices(health.services, environment);
}

function faultOfServices(services: unknown, { parts }: Environment): string | null {
  if (!isRecord(services)) return 'lists no services';
  const promised = parts.realtime ? ['api', 'websocket'] : ['api'];
  const down = promised.find((name) => services[name] !== 'running');
  return down ? `says service ${down} is ${JSON.stringify(services[down]) ?? 'not there'}` : null;
}

/** An answer that calls itself ok and the database, or Redis, down; null where it does not. Other dependencies may be optional. */
export function contradictionIn(answer: Pick<Answered, 'body'>): string | null {
  const health = jsonOf(answer.body);
  const groups = isRecord(health) ? [health.services, health.dependencies, health.checks, health.components] : [];
  for (const [name, value] of groups.flatMap((group) => (isRecord(group) ? Object.entries(group) : []))) {
    const said = isRecord(value) ? value.status : value;
    if (needed.test(name) && typeof said === 'string' && gone.test(said))
      return `says it is ok and that its ${name} is ${said}`;
  }
  return null;
}

const needed = /^(db|database|postgres|postgresql|redis)$/i;
const gone = /^(down|unhealthy|error|failed|failing|unavailable|unreachable|disconnected|dead|critical)$/i;

/** null where the answer names no time. */
export function timestampOf(answer: Answer): string | null {
  const health = answer.ok ? jsonOf(answer.body) : null;
  return isRecord(health) && isIsoTime(health.timestamp) ? String(health.timestamp) : null;
}

const isIsoTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && Number.isFinite(Date.parse(value));

/** Where deployments name what they were built from, the most exact first; `version` is the last resort. */
const fields = ['revision', 'commit', 'commitSha', 'gitSha', 'gitCommit', 'sha', 'build', 'buildId', 'version'];
const headers = [
  'x-revision',
  'x-commit',
  'x-commit-sha',
  'x-git-sha',
  'x-build',
  'x-build-id',
  'x-app-version',
  'x-version',
];

export interface Named {
  readonly where: string;
  readonly revision: string;
}

export function revisionsOf({ headers: sent, body }: Pick<Answered, 'headers' | 'body'>): readonly Named[] {
  const health = jsonOf(body);
  const inBody = fields.flatMap((name) => named(name, isRecord(health) ? health[name] : null));
  const inHeaders = headers.flatMap((name) => named(`header ${name}`, sent.get(name)));
  return [...inBody.filter(isBuild), ...inHeaders, ...inBody.filter((one) => !isBuild(one))];
}

const named = (where: string, value: unknown): readonly Named[] =>
  typeof value === 'string' && value.trim() !== '' ? [{ where, revision: value.trim() }] : [];

const isBuild = ({ where }: Named): boolean => where !== 'version';

/**
 * Which of the names tell whether it is the expected revision. A build number and a tag beside a commit are other names of
 * the same thing, so only names of the expected one's own form are held against it, the most exact first.
 */
export function tellingOf(found: readonly Named[], expected: string): readonly Named[] {
  const groups = [/commit|sha|revision/i, /build/i, /version/i].map((kind, at, kinds) =>
    found.filter(({ where }) => kind.test(where) && !kinds.slice(0, at).some((before) => before.test(where))),
  );
  const alike = groups.map((group) => group.filter(({ revision }) => isCommit(revision) === isCommit(expected)));
  return alike.find((group) => group.length > 0) ?? groups.find((group) => group.length > 0) ?? [];
}

const isCommit = (text: string): boolean => /^[0-9a-f]{7,}$/i.test(text);

/** Equal, or one is the usual short form (seven or more hex digits) of the other. */
export function isSameRevision(a: string, b: string): boolean {
  const [short, long] = [a.toLowerCase(), b.toLowerCase()].sort((x, y) => x.length - y.length) as [string, string];
  return short === long || (/^[0-9a-f]{7,}$/.test(short) && /^[0-9a-f]+$/.test(long) && long.startsWith(short));
}
