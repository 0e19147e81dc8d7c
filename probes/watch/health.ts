import { revisionsOf } from '../../platform/health.ts';
import { isRecord, jsonOf } from '../../platform/json.ts';
import type { Http } from '../http.ts';
import type { Sample, Watcher, Watching } from './types.ts';

/** Two looks at one process agree on when it began to within this, the time their answers took beside it: uptimes are rounded. */
const sameStartMs = 3_000;

/** What `/health` tells of the process that answered: which one it is, since when, of what revision, and what it uses. */
export function healthWatcher(service: string, url: string, http: Http, { now, emit }: Watching): Watcher {
  const starts = new Map<string, { readonly life: string; latestMs: number }>();
  let revision: string | null = null;
  return {
    name: `health ${service}`,
    everyMs: 60_000,
    async sample() {
      const sentMs = now();
      const answer = await http.ask(url, { maxBytes: 2 ** 20 });
      if (!answer.ok) throw new Error(`${service} did not answer about its health: ${answer.because}`);
      const body = jsonOf(answer.body);
      if (!isRecord(body))
        throw new Error(`${service} answered ${answer.status} without a JSON object about its health`);
      const [named] = revisionsOf(answer);
      if (named && revision !== null && named.revision !== revision) {
        const detail = `${named.where} ${revision} → ${named.revision}`;
        emit({ kind: 'event', what: 'deploy', service, atMs: now(), detail });
      }
      if (named) revision = named.revision;
      const instance = wordOf(body.instance ?? body.instanceId ?? body.serverId);
      const life = lifeOf(instance, body, sentMs);
      const labels = { service, from: 'health', ...(instance ? { instance } : {}), ...(life ? { life } : {}) };
      return samplesOf(body, labels);
    },
  };

  /** null: it does not say since when it runs. */
  function lifeOf(instance: string, body: Record<string, unknown>, sentMs: number): string | null {
    const uptimeMs = uptimeOf(body);
    if (uptimeMs === null) return null;
    // It was asked and had answered: between the two it was so old, so an answer that took long says less exactly when it began.
    const [earliestMs, latestMs] = [sentMs - uptimeMs, now() - uptimeMs];
    const known = starts.get(instance);
    if (known !== undefined && earliestMs - known.latestMs <= sameStartMs) {
      known.latestMs = Math.min(known.latestMs, latestMs);
      return known.life;
    }
    const life = String(Math.round(latestMs));
    starts.set(instance, { life, latestMs });
    return life;
  }
}

const fields: readonly (readonly [path: readonly string[], series: string, unit: string])[] = [
  [['memory', 'rss'], 'process.memory', 'By'],
  [['memory', 'heapUsed'], 'process.heap', 'By'],
  [['connections'], 'realtime.connections', '1'],
  [['websocketConnections'], 'realtime.connections', '1'],
  [['websocket', 'connections'], 'realtime.connections', '1'],
];

function samplesOf(body: Record<string, unknown>, labels: Readonly<Record<string, string>>): Sample[] {
  const found = fields.flatMap(([path, series, unit]): Sample[] => {
    const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), body);
    return typeof value === 'number' && Number.isFinite(value) ? [{ series, unit, labels, value }] : [];
  });
  return 'life' in labels ? [{ series: 'process.up', unit: '1', labels, value: 1 }, ...found] : found;
}

/** The contract's `uptime` is in milliseconds; fields that say their unit are believed first. */
function uptimeOf(body: Record<string, unknown>): number | null {
  const one = (name: string, factor: number) =>
    typeof body[name] === 'number' ? (body[name] as number) * factor : null;
  return one('uptimeMs', 1) ?? one('uptimeSeconds', 1000) ?? one('uptime', 1);
}

const wordOf = (value: unknown): string => (typeof value === 'string' && value.length <= 100 ? value : '');
