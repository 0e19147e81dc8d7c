import { revisionsOf } from '../../platform/health.ts';
import { isRecord, jsonOf } from '../../platform/json.ts';
import { type TrpcOptions, trpc } from '../../platform/trpc.ts';
import type { Answered, Http } from '../http.ts';
import { type Seen, Starts } from './starts.ts';
import type { Sample, Watcher, Watching } from './types.ts';

/** Who was asked for its age, where `/health` does not say. */
export interface Uptime {
  /** '': it does not say which one it is. */
  readonly instance: string;
  readonly value: number;
  /** null: it does not say its unit. */
  readonly msPerUnit: number | null;
}

export interface AskedElsewhere {
  uptime(): Promise<Uptime | null>;
}

/** One of two revisions behind one address is met again within this, unless it was taken away. */
const servedMs = 10 * 60_000;

/** What `/health` tells of the process that answered: which one it is, since when, of what revision, and what it uses. */
export function healthWatcher(
  service: string,
  url: string,
  http: Http,
  { now, emit, timeScale }: Watching,
  elsewhere: AskedElsewhere | null = null,
): Watcher {
  const starts = new Starts();
  let revision: string | null = null;
  /** When each was met last: two that are served in turn are no deploys of one another. */
  const met = new Map<string, number>();
  let isTold = false;
  return {
    name: `health ${service}`,
    everyMs: 60_000,
    async sample() {
      const sentMs = now();
      const answer = await http.ask(url, { maxBytes: 2 ** 20 });
      const doneMs = now();
      if (!answer.ok) throw new Error(`${service} did not answer about its health: ${answer.because}`);
      const body = jsonOf(answer.body);
      if (!isRecord(body))
        throw new Error(`${service} answered ${answer.status} without a JSON object about its health`);
      tellRevision(answer);
      const uptime = uptimeOf(body);
      const seen = uptime ? since(uptime, sentMs, doneMs) : await askedElsewhere();
      const instance = instanceOf(body);
      // What was asked for elsewhere may have been answered by another process.
      const life = uptime ? seen.at(-1)?.life : undefined;
      const labels = { service, from, ...(instance ? { instance } : {}), ...(life ? { life } : {}) };
      return [...seen.map(upOf), ...samplesOf(body, labels)];
    },
  };

  function tellRevision(answer: Answered): void {
    const [named] = revisionsOf(answer);
    if (!named) return;
    const atMs = now();
    const isServed = atMs - (met.get(named.revision) ?? Number.NEGATIVE_INFINITY) < servedMs / timeScale;
    if (revision !== null && named.revision !== revision && !isServed) {
      const detail = `${named.where} ${revision} → ${named.revision}`;
      emit({ kind: 'event', what: 'deploy', service, atMs, detail });
    }
    met.set(named.revision, atMs);
    revision = named.revision;
  }

  async function askedElsewhere(): Promise<readonly Seen[]> {
    const sentMs = now();
    const uptime = await elsewhere?.uptime();
    if (!uptime) tellUntold();
    return uptime ? since(uptime, sentMs, now()) : [];
  }

  /** Said once: why a row that stands on it stays open. */
  function tellUntold(): void {
    if (isTold) return;
    isTold = true;
    const detail = `it does not say since when it runs; an uptime, or watch.processes or watch.metrics of ${service}, would tell`;
    emit({ kind: 'note', what: `watching health ${service}`, detail, unseen: `health ${service}` });
  }

  function since({ instance, value, msPerUnit }: Uptime, sentMs: number, doneMs: number): readonly Seen[] {
    return starts.see({ instance, uptime: value, sentMs, doneMs }, msPerUnit);
  }

  function upOf({ instance, life, atMs }: Seen): Sample {
    const labels = { service, from, ...(instance ? { instance } : {}), life };
    return { series: 'process.up', unit: '1', labels, value: 1, atMs };
  }
}

const from = 'health';

/** The API's own `health.check`: the contract fixes its uptime in milliseconds, whatever `/health` says. */
export function checkedUptime(http: Http, api: Pick<TrpcOptions, 'url' | 'trpcPath'>): AskedElsewhere {
  return {
    async uptime() {
      const reply = await trpc(http, api).query('health.check');
      const data = reply.ok && reply.outcome.kind === 'data' ? reply.outcome.data : null;
      const uptime = isRecord(data) ? uptimeOf(data) : null;
      return uptime && { ...uptime, msPerUnit: uptime.msPerUnit ?? 1 };
    },
  };
}

const fields: readonly (readonly [path: readonly string[], series: string, unit: string])[] = [
  [['memory', 'rss'], 'process.memory', 'By'],
  [['memory', 'heapUsed'], 'process.heap', 'By'],
  [['connections'], 'realtime.connections', '1'],
  [['websocketConnections'], 'realtime.connections', '1'],
  [['websocket', 'connections'], 'realtime.connections', '1'],
];

function samplesOf(body: Record<string, unknown>, labels: Readonly<Record<string, string>>): Sample[] {
  return fields.flatMap(([path, series, unit]): Sample[] => {
    const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), body);
    return typeof value === 'number' && Number.isFinite(value) ? [{ series, unit, labels, value }] : [];
  });
}

/** Fields that say their unit are believed; of `uptime` in `/health` nobody has said whether it is seconds. */
function uptimeOf(body: Record<string, unknown>): Uptime | null {
  const instance = instanceOf(body);
  const one = (name: string, msPerUnit: number | null): Uptime | null => {
    const value = body[name];
    return typeof value === 'number' && Number.isFinite(value) ? { instance, value, msPerUnit } : null;
  };
  return one('uptimeMs', 1) ?? one('uptimeSeconds', 1000) ?? one('uptime', null);
}

const instanceOf = (body: Record<string, unknown>): string => wordOf(body.instance ?? body.instanceId ?? body.serverId);

const wordOf = (value: unknown): string => (typeof value === 'string' && value.length <= 100 ? value : '');
