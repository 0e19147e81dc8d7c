/** Defects of how a tenant is told to the database, planted while it runs. */
export interface ContextFaults {
  /** The tenant is set for the connection and not for the transaction. */
  forConnection(): boolean;
  /** As above, for reading, and only on a connection that has none yet. */
  once(): boolean;
  /** A tenant's work is done as the service role. */
  asService(): boolean;
  /** Whose tenant stays with a connection for whoever reads next: of a caller that has gone, or of a statement that was cancelled. */
  keptBy(): string | undefined;
  /** After a cancelled statement the tenant is set once more, for the connection, and nobody takes it back. */
  leftByCancelled(): boolean;
  /** Whoever writes leaves a cursor over the tenant's rows open on the connection. */
  rowsLeft(): boolean;
}

/** The tenants that a planted fault keeps with a connection; empty without one. */
export class KeptTenants {
  readonly #faults: ContextFaults | null;
  readonly #kept = new WeakMap<object, string>();
  constructor(faults: ContextFaults | null) {
    this.#faults = faults;
  }

  /** The tenant somebody else left to this connection. */
  instead(connection: object): string | undefined {
    return this.#faults?.keptBy() === undefined ? undefined : this.#kept.get(connection);
  }

  /** How a turn on the connection ended. */
  note(connection: object, tenantId: string, how: { readonly cancelled: boolean; readonly gone: boolean }): void {
    const by = this.#faults?.keptBy();
    if ((by === 'gone' && how.gone) || (by === 'cancelled' && how.cancelled)) this.#kept.set(connection, tenantId);
    else this.#kept.delete(connection);
  }
}

/** A procedure's error holds the database's as its cause. */
export function wasCancelled(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return [code, cause?.code].includes('57014');
}
