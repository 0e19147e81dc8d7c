import { AccessToken, TrackSource } from 'livekit-server-sdk';
import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import type { SessionUser } from '../../common/sessions.ts';
import type { Deployment } from '../deployment.ts';
import { badRequest, router, tenantProcedure } from '../trpc.ts';

const meetingId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'letters, digits, hyphens and underscores');
const asked = z.object({ meetingId });
const lifeSeconds = 3600;

/** A token for one room of the caller's tenant and no other; it changes nothing, so it is a query. */
const token = tenantProcedure
  .input(asked)
  .query(({ ctx, input }) => grant(ctx.deployment, ctx.user, input.meetingId, ctx.sql));

export const livekit = router({ getToken: token, renewToken: token });

async function grant(deployment: Deployment, user: SessionUser, meeting: string, sql: Sql) {
  const { config, switches } = deployment;
  const apart = switches.on('live-token-room-each') ? `-${user.id.slice(0, 8)}` : '';
  const roomName = `tenant_${user.tenantId}_${meeting}${apart}`;
  const role = await roleIn(sql, roomName, user.id);
  const secret = switches.on('live-token-forged') ? 'a-secret-that-the-server-does-not-know' : config.livekit.apiSecret;
  const name = user.name ?? user.email;
  const made = new AccessToken(config.livekit.apiKey, secret, {
    identity: user.id,
    name,
    ttl: lifeSeconds,
    metadata: JSON.stringify({ userName: name, role }),
  });
  made.addGrant({
    room: switches.on('live-token-wrong-room') ? `${roomName}-other` : roomName,
    roomJoin: true,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    ...(switches.on('live-token-no-screen') ? { canPublishSources: [TrackSource.CAMERA, TrackSource.MICROPHONE] } : {}),
    canUpdateOwnMetadata: role === 'host',
  });
  return { token: await made.toJwt(), url: config.livekit.url, roomName };
}

/** Whoever made the meeting is its host; a room that no meeting stands for is its first caller's. */
async function roleIn(sql: Sql, roomName: string, userId: string): Promise<'host' | 'guest'> {
  const row = await sql.first<{ createdBy: string | null; over: boolean }>(
    'meeting-role',
    'SELECT created_by AS "createdBy", ended_at IS NOT NULL AS over FROM meetings WHERE room_name = $1',
    [roomName],
  );
  if (row?.over) throw badRequest('This meeting has ended');
  return !row || row.createdBy === userId ? 'host' : 'guest';
}
