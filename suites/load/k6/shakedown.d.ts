/** The module our k6 is built with; its Go side is `tools/k6/module.go`. Times are ms on the run's clock. */
declare module 'k6/x/shakedown' {
  /** What the runner handed over, as JSON. */
  export function settings(): string;
  export function users(): number;
  /** One user, as JSON. */
  export function user(index: number): string;
  export function now(): number;
  /** When this iteration ought to have started. */
  export function due(): number;
  export function scenarioStart(): number;
  /**
   * Starts one timed operation. `dueMs` below zero: the iteration's own due time. An empty stream counts towards the
   * error rate only. `slotted`: it is one of the slots its scenario was declared with.
   */
  export function begin(stream: string, dueMs: number, slotted: boolean): number;
  /** Answered rightly, at `atMs` or (0) now. */
  export function good(operation: number, atMs: number): void;
  export function lost(operation: number, cause: string): void;
  /** An expected refusal: neither right nor lost. */
  export function forget(operation: number): void;
  /** One observation in words; the first twenty of a name are kept, all are counted. */
  export function fact(name: string, detail: string): void;
  /** The last line of every iteration: one that ends without it threw. */
  export function finished(): void;
  export function count(name: string): number;
  export function counted(name: string): number;
  /** Takes from a budget; false: do not send. */
  export function spend(name: string, amount: number): boolean;
}
