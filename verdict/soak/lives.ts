import { type Replacements, replacementsIn } from './restarts.ts';

/** A copy of a service that ended and began again, or was replaced. */
export interface Restart {
  readonly service: string;
  readonly instance: string;
  readonly atMs: number;
}

/** One process, as long as one source tells of it. Times are those of the soak. */
export interface Life {
  readonly name: string;
  /** Since when it runs; null: the source names no time. */
  readonly startMs: number | null;
  readonly firstMs: number;
  lastMs: number;
  /** Which look of its source saw it first, and last. */
  readonly firstLook: number;
  lastLook: number;
  /** The last process of the harness that saw it. */
  process: number;
}

/** Whoever tells of copies of a service: how often it has looked at any of them. */
interface Source {
  readonly firstMs: number;
  lastMs: number;
  looks: number;
}

/** What one source tells under one name: one process, or those behind one address that do not say which one answered. */
export interface Copy {
  readonly service: string;
  readonly from: string;
  readonly source: Source;
  /** In the words of whoever told of it. */
  readonly instance: string;
  readonly firstMs: number;
  lastMs: number;
  looks: number;
  readonly lives: Life[];
  /** By the `life` label. */
  readonly named: Map<string, Life>;
  label: string | null;
  life: Life | null;
  /** An earlier life was seen after a later one: there are several at a time. */
  isShared: boolean;
  /** Seen to be gone: since when. */
  goneMs: number | null;
}

export type Who = Pick<Copy, 'service' | 'from' | 'instance'>;

export interface ServiceLives {
  readonly looks: number;
  readonly lastMs: number;
  readonly restarts: readonly Restart[];
  /** By each source. */
  readonly found: readonly Replacements[];
  /** Not there any more when last looked for. */
  readonly goneMs: number | null;
}

/** `/health` tells its life as the time since when it runs, ms of the run's clock, which is set anew by whoever goes on. */
const toldAsStart = 'health';
const sameStartMs = 10_000;
/** A counter of restarts tells how often since this process of ours looked first; with another it begins from none again. */
const toldAsCount = 'restart counter';
/** A page of metrics tells its life in seconds since 1970, which some work out anew at each look: the clock may have been set meanwhile. */
const toldInSeconds = 'metrics';
const sameSecond = 2;
/** Samples of one look are this close together; looks are half a second apart at least. */
const sameLookMs = 100;
/** Several copies are looked at one after the other, all of them once a minute of the soak at most. */
const sameRoundMs = 20_000;

/** Which process is behind each copy of a service, from the `life` label of its samples. */
export class Lives {
  readonly #scale: number;
  readonly #copies = new Map<string, Copy>();
  readonly #sources = new Map<string, Source>();
  #process = 0;

  /** `scale`: how many ms of the soak one of the run's clock stands for. */
  constructor(scale = 1) {
    this.#scale = scale;
  }

  /** Another process of ours goes on: its clock is not quite that of the one before. */
  resumed(): void {
    this.#process += 1;
    for (const copy of this.#copies.values()) copy.label = null;
  }

  see(who: Who, label: string, atMs: number): Copy {
    const copy = this.#copy(who, atMs);
    this.seeAgain(copy, label, atMs);
    return copy;
  }

  /** The same, of a copy that is known; the life it has been given. */
  seeAgain(copy: Copy, label: string, atMs: number): string {
    const { source } = copy;
    if (atMs > source.lastMs + sameRoundMs) {
      source.looks += 1;
      source.lastMs = atMs;
    }
    if (copy.looks === 0 || atMs > copy.lastMs + sameLookMs * this.#scale) copy.looks += 1;
    if (copy.label !== label || copy.life === null) this.#turnTo(copy, label, atMs);
    const life = copy.life!;
    copy.lastMs = Math.max(copy.lastMs, atMs);
    life.lastMs = Math.max(life.lastMs, atMs);
    life.lastLook = source.looks;
    copy.goneMs = null;
    return life.name;
  }

  gone(who: Who, atMs: number): void {
    const copy = this.#copy(who, atMs);
    // What was not there when first looked for and is there later began while it was watched.
    if (copy.looks === 0) this.seeAgain(copy, '', atMs);
    copy.goneMs ??= atMs;
  }

  services(): ReadonlyMap<string, ServiceLives> {
    const copies = Map.groupBy(this.#copies.values(), ({ service }) => service);
    return new Map([...copies].map(([service, all]) => [service, this.#service(all)]));
  }

  #service(copies: readonly Copy[]): ServiceLives {
    const bySource = [...Map.groupBy(copies, ({ source }) => source).values()];
    const found = bySource.map((all) => replacementsIn(all, this.#scale));
    return {
      looks: copies.reduce((sum, { looks }) => sum + looks, 0),
      lastMs: Math.max(...copies.map(({ lastMs }) => lastMs)),
      restarts: distinct(found.flatMap(({ restarts }) => restarts).sort((a, b) => a.atMs - b.atMs)),
      found,
      goneMs: copies.findLast(({ goneMs }) => goneMs !== null)?.goneMs ?? null,
    };
  }

  #turnTo(copy: Copy, label: string, atMs: number): void {
    const name = copy.from === toldAsCount ? `${this.#process} ${label}` : label;
    const life =
      copy.named.get(name) ?? this.#before(copy, label) ?? besides(copy, label) ?? this.#begun(copy, label, atMs);
    copy.named.set(name, life);
    if (life !== copy.lives.at(-1)) copy.isShared = true;
    life.process = this.#process;
    copy.label = label;
    copy.life = life;
  }

  /** The life an earlier process of ours told of in the words of its own clock. */
  #before(copy: Copy, label: string): Life | undefined {
    if (copy.from === toldAsCount) return copy.label === null ? copy.lives.at(-1) : undefined;
    const startMs = this.#startOf(copy, label);
    if (startMs === null) return undefined;
    const away = (life: Life) => Math.abs((life.startMs ?? Number.NaN) - startMs);
    const near = copy.lives.filter((life) => life.process < this.#process && away(life) <= sameStartMs * this.#scale);
    return near.sort((a, b) => away(a) - away(b))[0];
  }

  #begun(copy: Copy, label: string, atMs: number): Life {
    const startMs = this.#startOf(copy, label);
    const look = { firstLook: copy.source.looks, lastLook: copy.source.looks };
    const life: Life = { name: label, startMs, firstMs: atMs, lastMs: atMs, ...look, process: this.#process };
    copy.lives.push(life);
    return life;
  }

  #startOf({ from }: Copy, label: string): number | null {
    const startMs = from === toldAsStart && label !== '' ? Number(label) * this.#scale : Number.NaN;
    return Number.isFinite(startMs) ? startMs : null;
  }

  #copy({ service, from, instance }: Who, atMs: number): Copy {
    const key = `${service}\u0000${instance}`;
    const known = this.#copies.get(key);
    if (known) return known;
    const fresh = { looks: 0, lives: [], named: new Map(), label: null, life: null, isShared: false, goneMs: null };
    const source = this.#source(`${service}\u0000${from}`, atMs);
    const copy: Copy = { service, from, source, instance, firstMs: atMs, lastMs: Number.NEGATIVE_INFINITY, ...fresh };
    this.#copies.set(key, copy);
    return copy;
  }

  #source(key: string, atMs: number): Source {
    const source = this.#sources.get(key) ?? { firstMs: atMs, lastMs: Number.NEGATIVE_INFINITY, looks: 0 };
    this.#sources.set(key, source);
    return source;
  }
}

/** One that is said to have begun a second or two from where another did is that one. */
function besides({ from, named }: Copy, label: string): Life | undefined {
  if (from !== toldInSeconds) return undefined;
  const near = (known: string) => Math.abs(Number(known) - Number(label)) <= sameSecond;
  return [...named].find(([known]) => near(known))?.[1];
}

/** Two sources may tell of one restart, each at its own look. */
const sameRestartMs = 180_000;

export const distinct = (restarts: readonly Restart[]): readonly Restart[] =>
  restarts.filter((restart, i) => i === 0 || restart.atMs - restarts[i - 1]!.atMs > sameRestartMs);
