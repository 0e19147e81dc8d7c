import { query } from '../api.ts';
import type { RoomMessage } from './socket.ts';

interface Row {
  readonly id: string;
  readonly role: RoomMessage['role'];
  readonly content: string;
  readonly metadata?: {
    readonly messageId?: string;
    readonly userId?: string;
    readonly clientMessageId?: string;
  } | null;
  readonly timestamp: string;
}

const most = 100;

/** The newest hundred messages of a session, oldest first. */
export async function storedMessages(sessionId: string): Promise<readonly RoomMessage[]> {
  const read = (offset: number) =>
    query<{ messages: readonly Row[]; total: number }>('sessions.listMessages', { sessionId, limit: most, offset });
  const first = await read(0);
  const { messages } = first.total > most ? await read(first.total - most) : first;
  return messages.map(asMessage);
}

export const asMessage = ({ id, role, content, metadata, timestamp }: Row): RoomMessage => ({
  id: metadata?.messageId ?? id,
  role,
  userId: metadata?.userId,
  content,
  at: Date.parse(timestamp),
  clientId: metadata?.clientMessageId,
});

/** Each message once, in the order of its time; one known twice keeps what was known first. */
export function merged(before: readonly RoomMessage[], more: readonly RoomMessage[]): readonly RoomMessage[] {
  const known = new Set(before.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !known.has(id));
  return fresh.length === 0 ? before : [...before, ...fresh].sort((one, other) => one.at - other.at);
}
