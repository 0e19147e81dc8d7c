import type { Sql } from '../common/database.ts';
import { log, text } from '../common/log.ts';
import { appendToRoom, idleSecondsOf, streamKey } from '../common/rooms.ts';
import type { SessionUser } from '../common/sessions.ts';
import type { Deployment } from './deployment.ts';
import type { Listing } from './routers/shapes.ts';

export interface Message {
  readonly id: string;
  readonly sessionId: string;
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string;
  readonly attachments: unknown;
  readonly metadata: unknown;
  readonly timestamp: Date;
}

const columns = `id, session_id AS "sessionId", role, content, attachments, metadata, "timestamp"`;

/** Stores it under its id, or under a new one where it has none. */
export async function store(sql: Sql, message: Omit<Message, 'id'> & { readonly id?: string }): Promise<Message> {
  const row = await sql.first<Message>(
    'messages-store',
    `INSERT INTO messages (session_id, role, content, attachments, metadata, "timestamp", id)
     VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, gen_random_uuid())) RETURNING ${columns}`,
    [
      message.sessionId,
      message.role,
      message.content,
      JSON.stringify(message.attachments),
      JSON.stringify(message.metadata),
      message.timestamp,
      message.id ?? null,
    ],
  );
  return row!;
}

/** Oldest first. */
export const messagesOf = (sessionId: string): Listing => ({
  name: 'messages',
  columns,
  from: 'messages WHERE session_id = $1',
  order: '"timestamp", id',
  values: [sessionId],
});

/** Puts a stored message into the session's room, where sockets are open in it: both ways of chatting show one conversation. */
export async function announce(
  who: { readonly deployment: Deployment; readonly user: SessionUser },
  message: Message,
): Promise<void> {
  if (who.deployment.switches.on('answers-apart')) return;
  const { redis, name, switches } = who.deployment;
  const event = {
    messageId: message.id,
    userId: message.role === 'user' ? who.user.id : message.role,
    role: message.role,
    content: message.content,
    timestamp: message.timestamp.getTime(),
    origin: name,
  };
  const key = streamKey(who.user.tenantId, message.sessionId);
  await appendToRoom(redis, key, event, { idleForSeconds: idleSecondsOf(switches), onlyIfOpen: true }).catch((error) =>
    log('warn', 'message not announced', { error: text(error) }),
  );
}
