import { EgressRefused } from '../../environment/egress.ts';
import { type Key, keyOf, type Meetings } from '../../platform/meetings.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import { type Database, DatabaseFailure, openDatabase } from '../../probes/postgres.ts';
import { openRedis, type Redis, RedisFailure } from '../../probes/redis.ts';
import type { BodyContext, Seen } from '../../runners/body.ts';

/**
 * Runs `work` on one connection of the role granted. A database that refuses, hangs or says no is a measurement: it
 * breaks every assertion named, because none of them could be seen to hold.
 */
export async function withDatabase(
  context: BodyContext,
  grant: 'appUrl' | 'serviceUrl',
  assertions: readonly string[],
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const url = context.environment.database[grant];
  if (url === null) return context.unmet(`database.${grant}`);
  await told(context, assertions, async () => {
    const database = await openDatabase(url, context);
    try {
      await work(database);
    } finally {
      await database.close();
    }
  });
}

export async function withRedis(
  context: BodyContext,
  assertions: readonly string[],
  work: (redis: Redis) => Promise<void>,
): Promise<void> {
  const granted = context.environment.redis;
  if (granted === null) return context.unmet('redis.url');
  await told(context, assertions, async () => {
    const redis = await openRedis(granted.url, context);
    try {
      await work(redis);
    } finally {
      redis.close();
    }
  });
}

/** Only what the deployment did is told; any other exception is our own mistake and goes on its way. */
export async function told(
  context: BodyContext,
  assertions: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const startMs = context.now();
  try {
    await work();
  } catch (error) {
    // Cut by the end of the run or of this check's time: the runner tells that, and it is not the deployment's doing.
    if (context.signal.aborted) return;
    if (error instanceof EgressRefused) return context.ours('egress-refused', error.message);
    if (!(error instanceof DatabaseFailure || error instanceof RedisFailure)) throw error;
    for (const assertion of assertions) context.breaks(assertion, error.message, { startMs });
  }
}

/** The database said no to one thing; the connection goes on, and so does the rest of the check. */
export async function attempt(
  context: BodyContext,
  assertion: string,
  seen: Seen,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DatabaseFailure && error.code)) throw error;
    context.breaks(assertion, error.message, seen);
  }
}

/** Runs `work` with the key of the meeting server; without one, the check is not verified. */
export async function withMeetingKey(
  context: BodyContext,
  work: (http: Http, meetings: Meetings, key: Key) => Promise<void>,
): Promise<void> {
  const { meetings } = context.environment;
  const key = meetings && keyOf(meetings);
  if (!meetings || !key) return context.unmet('meetings.tokens.mint');
  const http = openHttp(context);
  try {
    await work(http, meetings, key);
  } finally {
    await http.close();
  }
}
