import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Database } from './database.ts';
import { log, text } from './log.ts';

export const lifeMs = 8 * 60 * 60_000;
export const idleMs = 30 * 60_000;
/** How stale the last activity may be before it is written again: a write a request would cost more than it tells. */
const touchMs = 60_000;

/** Who a session belongs to; nothing of the users row beyond this leaves the server. */
export interface SessionUser {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: 'owner' | 'admin' | 'member';
  readonly tenantId: string;
}

export interface Session {
  readonly token: string;
  readonly user: SessionUser;
  readonly expiresAt: number;
  readonly lastActivityAt: number;
}

/** Published when sessions end or change, so that sockets held by them are dropped at once. */
export const revokedChannel = 'sessions:revoked';

const tokenForm = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const kept = z.object({
  user: z.object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(['owner', 'admin', 'member']),
    tenantId: z.string(),
  }),
  expiresAt: z.number(),
  lastActivityAt: z.number(),
});

export interface SessionOptions {
  /** The time it is for the account with this address. */
  readonly now?: (email: string) => number;
  readonly stored?: () => boolean;
  readonly idleEnds?: () => boolean;
  /** How many times sooner than the session ends Redis forgets it; the table keeps it. */
  readonly faster?: () => number;
}

/** Sessions live in the table `auth_sessions` and, for eight hours at most, beside it in Redis under `session:<token>`. */
export class Sessions {
  readonly #database: Database;
  readonly #redis: Redis;
  readonly #options: SessionOptions;

  constructor(database: Database, redis: Redis, options: SessionOptions = {}) {
    this.#database = database;
    this.#redis = redis;
    this.#options = options;
  }

  async find(token: string | undefined): Promise<Session | undefined> {
    if (!token || !tokenForm.test(token)) return undefined;
    const session = (await this.#fromRedis(token)) ?? (await this.#fromDatabase(token));
    if (!session) return undefined;
    if (this.#over(session)) {
      await this.end(token);
      return undefined;
    }
    if (this.#now(session.user) - session.lastActivityAt > touchMs) this.#touch(session);
    return session;
  }

  /** Always a new token: whoever planted an old one gains nothing from a sign-in. */
  async create(user: SessionUser, from: { readonly ip: string; readonly agent: string }): Promise<Session> {
    const now = this.#now(user);
    const session: Session = { token: randomUUID(), user, expiresAt: now + lifeMs, lastActivityAt: now };
    await this.#database.service.rows(
      'session-create',
      `INSERT INTO auth_sessions (session_token, user_id, expires, created_at, last_activity_at, ip_address, user_agent)
       VALUES ($1, $2, $3, $4, $4, $5, $6)`,
      [session.token, user.id, new Date(session.expiresAt), new Date(now), from.ip, from.agent.slice(0, 500)],
    );
    await this.#keep(session);
    return session;
  }

  async end(token: string): Promise<void> {
    await this.#database.service.rows('session-end', 'DELETE FROM auth_sessions WHERE session_token = $1', [token]);
    await this.#forget([token]);
  }

  /** After a change of role, name or password, or a deletion: `delete` ends the sessions, otherwise they are read anew. */
  async refreshUser(userId: string, how: 'read-anew' | 'delete'): Promise<void> {
    const rows = await this.#database.service.rows<{ session_token: string }>(
      'session-of-user',
      'SELECT session_token FROM auth_sessions WHERE user_id = $1',
      [userId],
    );
    if (how === 'delete') {
      await this.#database.service.rows('session-end-all', 'DELETE FROM auth_sessions WHERE user_id = $1', [userId]);
    }
    await this.#forget(rows.map((row) => row.session_token));
  }

  #now({ email }: SessionUser): number {
    return this.#options.now?.(email) ?? Date.now();
  }

  #over(session: Session): boolean {
    const now = this.#now(session.user);
    const idle = now - session.lastActivityAt > idleMs && (this.#options.idleEnds?.() ?? true);
    return idle || now >= session.expiresAt;
  }

  async #fromRedis(token: string): Promise<Session | undefined> {
    if (this.#options.stored?.() === false) return undefined;
    try {
      const raw = await this.#redis.get(`session:${token}`);
      return raw ? { token, ...kept.parse(JSON.parse(raw)) } : undefined;
    } catch (error) {
      // Without Redis the table still knows; slower, but nobody is signed out.
      log('warn', 'session not read from redis', { error: text(error) });
      return undefined;
    }
  }

  async #fromDatabase(token: string): Promise<Session | undefined> {
    const row = await this.#database.service.first<{
      expires: Date;
      last_activity_at: Date;
      id: string;
      email: string;
      name: string | null;
      role: SessionUser['role'];
      tenant_id: string;
    }>(
      'session-find',
      `SELECT s.expires, coalesce(s.last_activity_at, s.created_at) AS last_activity_at, u.id, u.email, u.name, u.role, u.tenant_id
       FROM auth_sessions s JOIN users u ON u.id = s.user_id WHERE s.session_token = $1`,
      [token],
    );
    if (!row) return undefined;
    const { id, email, name, role, tenant_id: tenantId } = row;
    const session = {
      token,
      user: { id, email, name, role, tenantId },
      expiresAt: row.expires.getTime(),
      lastActivityAt: row.last_activity_at.getTime(),
    };
    if (!this.#over(session)) await this.#keep(session);
    return session;
  }

  async #keep(session: Session): Promise<void> {
    const left = (session.expiresAt - this.#now(session.user)) / (this.#options.faster?.() ?? 1);
    if (left <= 0 || this.#options.stored?.() === false) return;
    const { token, ...value } = session;
    await this.#redis
      .set(`session:${token}`, JSON.stringify(value), 'PX', Math.ceil(left))
      .catch((error) => log('warn', 'session not kept in redis', { error: text(error) }));
  }

  #touch(session: Session): void {
    const touched = { ...session, lastActivityAt: this.#now(session.user) };
    const written = this.#database.service.rows(
      'session-touch',
      'UPDATE auth_sessions SET last_activity_at = $2 WHERE session_token = $1 RETURNING 1',
      [session.token, new Date(touched.lastActivityAt)],
    );
    written
      .then((rows) => (rows.length > 0 ? this.#keep(touched) : this.#forget([session.token])))
      .catch((error) => log('warn', 'activity not written', { error: text(error) }));
  }

  async #forget(tokens: readonly string[]): Promise<void> {
    if (tokens.length === 0) return;
    try {
      await this.#redis.del(...tokens.map((token) => `session:${token}`));
      await this.#redis.publish(revokedChannel, JSON.stringify(tokens));
    } catch (error) {
      log('error', 'sessions not forgotten in redis', { error: text(error) });
    }
  }
}
