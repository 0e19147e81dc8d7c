import { randomUUID } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import { z } from 'zod';
import type { Config } from '../../common/config.ts';
import type { Sql } from '../../common/database.ts';
import { log, text } from '../../common/log.ts';
import { badRequest, notFound, router, tenantProcedure } from '../trpc.ts';
import { byId, page, paged } from './shapes.ts';

interface Meeting {
  readonly id: string;
  readonly roomName: string;
  readonly name: string | null;
  readonly createdBy: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const columns = `id, room_name AS "roomName", metadata->>'name' AS name, created_by AS "createdBy", started_at AS "startedAt", ended_at AS "endedAt"`;

/** `livekit.getToken` opens the room of a meeting by its id; the room itself comes to be when the first one joins. */
export const meetings = router({
  create: tenantProcedure
    .input(z.object({ name: z.string().trim().min(1).max(100).optional() }).prefault({}))
    .mutation(async ({ ctx, input }) => {
      const { tenantId, id: createdBy } = ctx.user;
      const meetingId = randomUUID();
      const row = await ctx.sql.first<Meeting>(
        'meeting-create',
        `INSERT INTO meetings (id, tenant_id, room_name, livekit_room_id, created_by, metadata)
         SELECT $1, $2, $3, $3, (SELECT id FROM users WHERE id::text = $4), $5 RETURNING ${columns}`,
        [meetingId, tenantId, `tenant_${tenantId}_${meetingId}`, createdBy, JSON.stringify({ name: input.name })],
      );
      return shown(ctx.deployment.config, row!);
    }),

  list: tenantProcedure
    .input(z.object({ ...page, includeEnded: z.boolean().default(false) }).prefault({}))
    .query(async ({ ctx, input }) => {
      const listing = {
        name: 'meetings',
        columns,
        from: 'meetings WHERE ($1::boolean OR ended_at IS NULL)',
        order: 'started_at DESC, id',
        values: [input.includeEnded],
      };
      const { deployment } = ctx;
      const { rows, total, hasMore } = await paged<Meeting>(ctx.sql, listing, input, deployment.switches);
      return { meetings: rows.map((row) => shown(deployment.config, row)), total, hasMore };
    }),

  get: tenantProcedure
    .input(byId)
    .query(async ({ ctx, input }) => shown(ctx.deployment.config, await one(ctx.sql, input.id))),

  /** Sends everybody out. */
  end: tenantProcedure.input(byId).mutation(async ({ ctx, input }) => {
    const row = await ctx.sql.first<Meeting>(
      'meeting-end',
      `UPDATE meetings SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING ${columns}`,
      [input.id],
    );
    if (!row) {
      await one(ctx.sql, input.id);
      throw badRequest('This meeting has already ended');
    }
    await closeRoom(ctx.deployment.config, row.roomName);
    return { id: row.id, endedAt: row.endedAt };
  }),
});

function shown({ ports }: Config, meeting: Meeting) {
  return { ...meeting, url: `https://localhost:${ports.web.meeting.https}/${meeting.id}` };
}

async function one(sql: Sql, meetingId: string): Promise<Meeting> {
  const row = await sql.first<Meeting>('meeting-get', `SELECT ${columns} FROM meetings WHERE id = $1`, [meetingId]);
  if (!row) throw notFound('Meeting');
  return row;
}

async function closeRoom({ livekit }: Config, roomName: string): Promise<void> {
  const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), livekit.apiKey, livekit.apiSecret);
  // A room that nobody ever came into does not exist.
  await rooms.deleteRoom(roomName).catch((error) => log('info', 'room not closed', { error: text(error) }));
}
