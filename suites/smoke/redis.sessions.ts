import { useAccount } from '../../platform/accounts.ts';
import { signOut } from '../../platform/auth.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import type { Redis } from '../../probes/redis.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

const body: Body = (context) =>
  withRedis(context, ['stored', 'expires', 'removed'], async (redis) => {
    const { api } = context.environment;
    if (api === null) return context.unmet('api');
    const http = openHttp(context);
    try {
      const use = await useAccount(context, http);
      if (use.kind === 'unmet') return context.unmet(use.needs);
      if (use.kind === 'failed') return breakAll(context, `nobody could sign in: ${use.because}`);
      const { session, client } = use.account;
      // A deployment may put a session there only when it is first used.
      const wrong = whyNoData(await client.query('users.me'));
      if (wrong !== null) context.note('first use of the session', wrong);
      const key = await keyOf(redis, session.token);
      if (key === null) return breakAll(context, 'the session of a user who has just signed in is not in Redis');
      context.holds('stored', { observed: key.replace(session.token, '<token>') });
      await judgeExpiry(context, redis, key);
      const answer = await signOut(http, api, session);
      if (!answer.ok) return context.breaks('removed', `sign-out: ${answer.because}`);
      await judgeRemoval(context, redis, key);
    } finally {
      await http.close();
    }
  });

export default body;

function breakAll(context: BodyContext, because: string): void {
  for (const assertion of ['stored', 'expires', 'removed']) context.breaks(assertion, because);
}

/** `session:<token>`, perhaps with a prefix of the deployment's own. */
async function keyOf(redis: Redis, token: string): Promise<string | null> {
  const key = `session:${token}`;
  if (Number(await redis.ask('EXISTS', key)) > 0) return key;
  const escaped = token.replaceAll(/[\\*?[\]]/g, '\\$&');
  const [found] = await redis.scan(`*${escaped}*`, 1);
  return found ?? null;
}

const longestMs = 8 * 60 * 60_000;
const slackMs = 60_000;

async function judgeExpiry(context: BodyContext, redis: Redis, key: string): Promise<void> {
  const leftMs = Number(await redis.ask('PTTL', key));
  const seen = { expected: 'at most 8 h', observed: leftMs > 0 ? `${Math.round(leftMs / 60_000)} min` : 'no expiry' };
  if (leftMs > 0 && leftMs <= longestMs + slackMs) context.holds('expires', seen);
  else
    context.breaks(
      'expires',
      leftMs > 0 ? 'the session outlives the agreed 8 h in Redis' : 'the session never expires in Redis',
      seen,
    );
}

async function judgeRemoval(context: BodyContext, redis: Redis, key: string): Promise<void> {
  const { timeoutMs } = context.environment;
  const untilMs = context.now() + timeoutMs;
  while (Number(await redis.ask('EXISTS', key)) > 0) {
    if (context.now() > untilMs)
      return context.breaks('removed', `the session is still in Redis ${timeoutMs / 1_000} s after signing out`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  context.holds('removed', { observed: 'gone after signing out' });
}
