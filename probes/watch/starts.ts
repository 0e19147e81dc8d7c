/** How old a process said to be, between the moment it was asked and the one its answer was here; ms of the run's clock. */
export interface Look {
  /** '': it does not say which one it is. */
  readonly instance: string;
  readonly uptime: number;
  readonly sentMs: number;
  readonly doneMs: number;
}

export interface Seen {
  readonly instance: string;
  /** The same for every look at one process, another for another. */
  readonly life: string;
  readonly atMs: number;
}

interface Start {
  readonly life: string;
  atMs: number;
  readAtMs: number;
}

/** Looks that are kept until two of them tell in what unit they speak. */
const mostWaiting = 20;
const units = [1, 1000];
/** Two looks at one process agree on when it began to within this, beside the time their answers took. */
const sameStartMs = 1_000;
/** Clocks drift apart by less than this, also while nobody looks. */
const driftShare = 2e-4;

/**
 * Since when the processes behind one address run, by the uptimes they tell. There may be several that take turns; each
 * keeps its life for as long as it is met.
 */
export class Starts {
  readonly #known = new Map<string, Start[]>();
  #waiting: Look[] = [];
  #msPerUnit: number | null = null;

  /** `msPerUnit` null: it does not say. Then looks wait until two of them do, and are told together, the oldest first. */
  see(look: Look, msPerUnit: number | null): readonly Seen[] {
    if (msPerUnit !== null) return [this.#seen(look, msPerUnit)];
    this.#waiting = [...this.#waiting, look].slice(-mostWaiting);
    this.#msPerUnit ??= unitOf(this.#waiting);
    const unit = this.#msPerUnit;
    if (unit === null) return [];
    return this.#waiting.splice(0).map((one) => this.#seen(one, unit));
  }

  #seen({ instance, uptime, sentMs, doneMs }: Look, msPerUnit: number): Seen {
    // It was asked and had answered: between the two it was so old, so an answer that took long says less exactly when it began.
    const [earliestMs, latestMs] = [sentMs - uptime * msPerUnit, doneMs - uptime * msPerUnit];
    const starts = this.#known.get(instance) ?? [];
    this.#known.set(instance, starts);
    const away = ({ atMs }: Start) => Math.max(earliestMs - atMs, atMs - latestMs, 0);
    const grainMs = msPerUnit > 1 && Number.isInteger(uptime) ? msPerUnit : 0;
    const most = ({ readAtMs }: Start) => sameStartMs + grainMs + driftShare * (doneMs - readAtMs);
    const [known] = starts.filter((start) => away(start) <= most(start)).sort((a, b) => away(a) - away(b));
    if (known === undefined) {
      const life = String(Math.round(latestMs));
      starts.push({ life, atMs: latestMs, readAtMs: doneMs });
      return { instance, life, atMs: doneMs };
    }
    // Two clocks that drift apart move the start by seconds in two days, a few milliseconds at a time.
    known.atMs = Math.min(latestMs, Math.max(known.atMs, earliestMs));
    known.readAtMs = doneMs;
    return { instance, life: known.life, atMs: doneMs };
  }
}

/** Between two looks at one process as much time went by for it as for us; null: no two looks are of one process. */
function unitOf(looks: readonly Look[]): number | null {
  const last = looks.at(-1)!;
  const pairs = looks.slice(0, -1).map((one) => [one, last] as const);
  return units.find((unit) => pairs.some(([a, b]) => isOneProcess(a, b, unit))) ?? null;
}

function isOneProcess(a: Look, b: Look, msPerUnit: number): boolean {
  const agedMs = (b.uptime - a.uptime) * msPerUnit;
  const [leastMs, mostMs] = [b.sentMs - a.doneMs, b.doneMs - a.sentMs];
  const grainMs = Number.isInteger(a.uptime) && Number.isInteger(b.uptime) ? msPerUnit : 0;
  const slackMs = 20 + 0.02 * mostMs + grainMs;
  return (
    a.instance === b.instance && leastMs > 3 * slackMs && agedMs >= leastMs - slackMs && agedMs <= mostMs + slackMs
  );
}
