import type { Redis } from 'ioredis';
import type { Config } from '../common/config.ts';
import type { Database } from '../common/database.ts';
import { log, text } from '../common/log.ts';
import type { Session } from '../common/sessions.ts';
import type { Switches } from '../common/switches.ts';

export type Tier = 'free' | 'pro' | 'enterprise';

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds since 1970 at which the window has room again. */
  readonly resetAt: number;
  readonly retryAfterSeconds: number;
}

/** The platform's tiers are named otherwise than its plans, and nothing maps them; this is our mapping. */
const tierOfPlan: Readonly<Record<string, Tier>> = {
  starter: 'free',
  growth: 'pro',
  business: 'enterprise',
  enterprise: 'enterprise',
};
const planFreshMs = 5000;

/** Short, because hundreds of thousands of them are kept; told apart by the process's start across restarts. */
const started = `${process.pid.toString(36)}${Date.now().toString(36)}`;
let taken = 0;
const member = (): string => `${started}${(taken++).toString(36)}:`;

// A sliding window as a sorted set of call times: exact at the edge of the window, where two fixed windows would let twice as many through.
const take = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[1] - ARGV[2])
local used = redis.call('ZCARD', KEYS[1])
local calls = tonumber(ARGV[4])
local allowed = used + calls <= tonumber(ARGV[3])
if allowed then
  for call = 1, calls do redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5] .. call) end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  used = used + calls
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { allowed and 1 or 0, used, oldest[2] or ARGV[1] }`;

export class Limits {
  readonly #config: Config['limits'];
  readonly #redis: Redis;
  readonly #database: Database;
  readonly #switches: Switches;
  readonly #tiers = new Map<string, { tier: Tier; until: number }>();

  constructor(config: Config['limits'], redis: Redis, database: Database, switches: Switches) {
    this.#config = config;
    this.#redis = redis;
    this.#database = database;
    this.#switches = switches;
  }

  /** Signing in, registering and resetting: by address, the same on every plan. */
  auth(address: string): Promise<Allowance | undefined> {
    return this.#take('rl:auth', `ip:${address}`, this.#config.auth, 1);
  }

  /** Procedure calls: by user and plan, else by the address of the socket; each call of a batch counts. */
  async procedures(session: Session | undefined, address: string, calls: number): Promise<Allowance | undefined> {
    if (!session) return this.#take('rl:anonymous', `ip:${address}`, this.#config.anonymous, calls);
    const tier = await this.#tier(session.user.tenantId);
    return this.#take(`rl:trpc:${tier}`, `user:${session.user.id}`, this.#config.trpc[tier], calls);
  }

  async chat(session: Session, calls: number): Promise<Allowance | undefined> {
    const tier = await this.#tier(session.user.tenantId);
    return this.#take(`rl:chat:${tier}`, `user:${session.user.id}`, this.#config.chat[tier], calls);
  }

  async #take(
    prefix: string,
    who: string,
    declared: { max: number; windowMs: number },
    calls: number,
  ): Promise<Allowance | undefined> {
    if (this.#switches.on('limits-off')) return undefined;
    const tooLow = this.#switches.on('limits-low') && who.startsWith('user:');
    const { max, windowMs: wholeMs } = tooLow ? { max: 3, windowMs: 10_000 } : declared;
    const windowMs = Math.ceil(wholeMs / this.#switches.faster);
    const now = Date.now();
    try {
      const answer = await this.#redis.eval(take, 1, `${prefix}:${who}`, now, windowMs, max, calls, member());
      const [ok, used, oldest] = answer as [number, number, string];
      const resetMs = Number(oldest) + windowMs;
      return {
        allowed: ok === 1,
        limit: max,
        remaining: Math.max(0, max - used),
        resetAt: Math.ceil(resetMs / 1000),
        retryAfterSeconds: Math.max(1, Math.ceil((resetMs - now) / 1000)),
      };
    } catch (error) {
      // As declared: without Redis nothing is limited, rather than nobody served.
      log('warn', 'rate limit not counted', { error: text(error) });
      return undefined;
    }
  }

  async #tier(tenantId: string): Promise<Tier> {
    const known = this.#tiers.get(tenantId);
    if (known && known.until > Date.now()) return known.tier;
    const row = await this.#database.service.first<{ plan: string }>('plan', 'SELECT plan FROM tenants WHERE id = $1', [
      tenantId,
    ]);
    const tier = tierOfPlan[row?.plan ?? ''] ?? 'free';
    if (this.#tiers.size > 10_000) this.#tiers.clear();
    this.#tiers.set(tenantId, { tier, until: Date.now() + planFreshMs });
    return tier;
  }
}
