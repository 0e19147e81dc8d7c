/** What `shakedown reference status --json` prints: every address and credential of the running reference deployment. */
export interface ReferenceStatus {
  readonly environmentFile: string;
  readonly directory: string;
  readonly api: string;
  readonly realtime: readonly string[];
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly postgres: {
    readonly adminUrl: string;
    readonly appUrl: string;
    readonly serviceUrl: string;
    readonly poolerUrl: string | null;
  };
  readonly redis: { readonly url: string };
  readonly web: {
    readonly landing: string;
    readonly dashboard: string;
    readonly meeting: string;
    readonly widget: string;
  };
  readonly logs: Readonly<Record<string, string>>;
  readonly pids: Readonly<Record<string, number>>;
  /** Loopback control port of each of our own processes, for planting faults: `POST /switches` (see `reference/services/common/switch-rows.ts`). */
  readonly control: Readonly<Record<string, string>>;
  /** Parts of the deployment whose process does not run. */
  readonly down: readonly string[];
}

/** What a fault may use to plant itself. */
export interface ReferenceHandle extends ReferenceStatus {
  /** Sets a switch in one of our own processes (`api`, `realtime-1`, `realtime-2`, `web`, `models`, `stubs`); `null` lifts it. */
  switch(service: string, name: string, value: unknown): Promise<void>;
  /** Runs SQL as the superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Sends one Redis command. */
  redisCommand(...args: readonly (string | number)[]): Promise<unknown>;
  /** Ends one service's process by its id and waits until it is gone (`livekit`, `realtime-2`, …). */
  stop(service: string): Promise<void>;
  /** Starts it again as `up` did, optionally with changed options, and waits until it is healthy. */
  start(service: string, options?: Readonly<Record<string, string>>): Promise<void>;
}
