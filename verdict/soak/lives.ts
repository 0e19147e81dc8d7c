/** A copy of a service that ended and began again, or was replaced. */
export interface Restart {
  readonly service: string;
  readonly instance: string;
  readonly atMs: number;
}

export interface Copy {
  readonly service: string;
  readonly instance: string;
  life: string;
  firstMs: number;
  lastMs: number;
  looks: number;
  /** Seen to be gone: since when. */
  goneMs: number | null;
  /** No restart is counted twice where two series of one copy tell of it. */
  restarts: Restart[];
}

export interface ServiceLives {
  readonly looks: number;
  readonly lastMs: number;
  readonly restarts: readonly Restart[];
  /** Not there any more when last looked for. */
  readonly goneMs: number | null;
}

/** Which process is behind each copy of a service, from the `life` label of its samples. */
export class Lives {
  readonly #copies = new Map<string, Copy>();

  see(service: string, instance: string, life: string, atMs: number): Copy {
    const copy = this.#copy(service, instance, life, atMs);
    this.seeAgain(copy, life, atMs);
    return copy;
  }

  /** The same, of a copy that is known. */
  seeAgain(copy: Copy, life: string, atMs: number): void {
    if (copy.life !== life) {
      copy.restarts.push({ service: copy.service, instance: copy.instance, atMs });
      copy.life = life;
    }
    if (atMs > copy.lastMs) {
      copy.looks += 1;
      copy.lastMs = atMs;
    }
    copy.goneMs = null;
  }

  gone(service: string, instance: string, atMs: number): void {
    const copy = this.#copy(service, instance, '', atMs);
    copy.goneMs ??= atMs;
  }

  services(): ReadonlyMap<string, ServiceLives> {
    const byService = new Map<string, ServiceLives>();
    for (const copy of this.#copies.values()) {
      const before = byService.get(copy.service);
      byService.set(copy.service, {
        looks: (before?.looks ?? 0) + copy.looks,
        lastMs: Math.max(before?.lastMs ?? 0, copy.lastMs),
        restarts: distinct([...(before?.restarts ?? []), ...copy.restarts].sort((a, b) => a.atMs - b.atMs)),
        goneMs: copy.goneMs ?? before?.goneMs ?? null,
      });
    }
    return byService;
  }

  #copy(service: string, instance: string, life: string, atMs: number): Copy {
    const key = `${service}\u0000${instance}`;
    const known = this.#copies.get(key);
    if (known) return known;
    const copy: Copy = {
      service,
      instance,
      life,
      firstMs: atMs,
      lastMs: Number.NEGATIVE_INFINITY,
      looks: 0,
      goneMs: null,
      restarts: [],
    };
    this.#copies.set(key, copy);
    return copy;
  }
}

/** Two sources may tell of one restart, each at its own look. */
const sameRestartMs = 180_000;

const distinct = (restarts: readonly Restart[]): readonly Restart[] =>
  restarts.filter((restart, i) => i === 0 || restart.atMs - restarts[i - 1]!.atMs > sameRestartMs);
