import { asBuilt, type SwitchRow, switchRows } from './switch-rows.ts';

/** The switches of one process. A share is spread evenly, one in n, so that a defect shows as often as it says. */
export class Switches {
  readonly #known: ReadonlySet<string>;
  readonly #values = new Map<string, unknown>();
  readonly #credit = new Map<string, number>();
  readonly #listeners = new Set<(name: string, value: unknown) => void | Promise<void>>();

  constructor(service: SwitchRow['service'], config: { readonly asBuilt: boolean } = { asBuilt: false }) {
    for (const [name, value] of Object.entries(config.asBuilt ? asBuilt[service] : {})) this.#values.set(name, value);
    this.#known = new Set(switchRows.filter((row) => row.service === service).map((row) => row.name));
  }

  /** Resolves when the defect is in place. */
  async set(name: string, value: unknown): Promise<void> {
    if (!this.#known.has(name))
      throw new RangeError(`no switch is named ${name}; known: ${[...this.#known].join(', ')}`);
    if (value === null || value === undefined || value === false) this.#values.delete(name);
    else this.#values.set(name, value);
    this.#credit.delete(name);
    for (const listener of this.#listeners) await listener(name, this.#values.get(name));
  }

  onChange(listener: (name: string, value: unknown) => void | Promise<void>): void {
    this.#listeners.add(listener);
  }

  all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#values);
  }

  on(name: string): boolean {
    return this.#values.has(name);
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** How many times faster time passes for what is forgotten after some. */
  get faster(): number {
    return Math.max(1, this.number('timers-faster') ?? 1);
  }

  value(name: string): unknown {
    return this.#values.get(name);
  }

  /** Is this site, or every site, named by the switch? */
  names(name: string, site: string): boolean {
    const value = this.#values.get(name);
    return value === true || value === site;
  }

  /** Takes one turn of a `…-share` switch; unset counts as `unset`. */
  hit(name: string, unset = 0): boolean {
    const share = this.number(name) ?? unset;
    const credit = (this.#credit.get(name) ?? 0) + share;
    const hit = credit >= 1 - 1e-9;
    this.#credit.set(name, hit ? credit - 1 : credit);
    return hit;
  }

  /** Milliseconds this turn is to be delayed by `<prefix>-latency-ms` and its share. */
  delayMs(prefix: string): number {
    const ms = this.number(`${prefix}-latency-ms`);
    return ms !== undefined && this.hit(`${prefix}-latency-share`, 1) ? ms : 0;
  }

  async delay(prefix: string): Promise<void> {
    const ms = this.delayMs(prefix);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
