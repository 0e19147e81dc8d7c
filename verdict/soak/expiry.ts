import { TrendFold } from './trend.ts';
import type { Watched } from './watched.ts';

/** The longest time to live that was seen, by what was asked: `keys` of all kinds, or `streams`. */
const ttlSeries = 'redis.ttl';
const keysSeries = 'redis.keys.expiring';
const unreadSeries = 'redis.streams.unread';

/** So few more keys are no gathering. */
const grain = 50;
const hourMs = 3_600_000;
/** What is seen of a time to live is what is left of it: times are rounded up, so that each new look does not begin anew. */
const step = 1.25;
const margin = 1.05;

/** Data that expire by themselves gather until the first of them go: until then their rise is no leak. */
export class Expiry {
  /** Not every stream could be looked at. */
  isCapped = false;
  readonly #settlesMs = new Map<string, number>();
  readonly #keys = new TrendFold();

  sample({ series, labels }: Watched, atMs: number, value: number, scale: number): void {
    if (series === unreadSeries && value > 0) this.isCapped = true;
    if (series === keysSeries) this.#keys.add(atMs / hourMs, value + grain);
    if (series !== ttlSeries || !(value > 0)) return;
    const of = labels.of ?? '';
    const settlesMs = step ** Math.ceil(Math.log(margin * value * scale) / Math.log(step));
    this.#settlesMs.set(of, Math.max(settlesMs, this.#settlesMs.get(of) ?? 0));
  }

  /** From when on as much of it goes as comes, ms of the soak; 0: it does not expire. */
  settlesMs({ series, labels }: Watched): number {
    if (labels.expiry !== undefined) return this.#settlesMs.get('streams') ?? 0;
    return series === 'redis.memory' ? (this.#settlesMs.get('keys') ?? 0) : 0;
  }

  /** Whether a rise may be nothing but data that have not begun to go. */
  mayGather(series: Watched): boolean {
    if (!(series.seen.lastMs < this.settlesMs(series))) return false;
    return series.labels.expiry !== undefined || ['leak', 'warming-up'].includes(this.#keys.look().kind);
  }
}
