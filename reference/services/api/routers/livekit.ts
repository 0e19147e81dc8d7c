import { AccessToken } from 'livekit-server-sdk';
import { z } from 'zod';
import { router, userProcedure } from '../trpc.ts';

const meetingId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'letters, digits, hyphens and underscores');
const lifeSeconds = 3600;

export const livekit = router({
  /** A token for one room of the caller's tenant and no other; it changes nothing, so it is a query. */
  getToken: userProcedure.input(z.object({ meetingId })).query(async ({ ctx: { deployment, user }, input }) => {
    const { config, switches } = deployment;
    const roomName = `tenant_${user.tenantId}_${input.meetingId}`;
    const secret = switches.on('live-token-forged')
      ? 'a-secret-that-the-server-does-not-know'
      : config.livekit.apiSecret;
    const token = new AccessToken(config.livekit.apiKey, secret, {
      identity: user.id,
      name: user.name ?? user.email,
      ttl: lifeSeconds,
      metadata: JSON.stringify({ userName: user.name ?? user.email, role: 'host' }),
    });
    const room = switches.on('live-token-wrong-room') ? `${roomName}-other` : roomName;
    token.addGrant({
      room,
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      canUpdateOwnMetadata: true,
    });
    return { token: await token.toJwt(), url: config.livekit.url, roomName };
  }),
});
