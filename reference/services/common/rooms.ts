import type { Redis } from 'ioredis';
import type { Switches } from './switches.ts';

/** What travels through a room's stream. */
export interface RoomEvent {
  readonly messageId: string;
  readonly userId: string;
  readonly content: string;
  readonly timestamp: number;
  readonly role?: 'user' | 'assistant' | 'system';
  /** The sender's own id for it, so that the sender knows its message again. */
  readonly clientMessageId?: string;
  /** The instance that accepted it. */
  readonly origin: string;
}

/** What is of the moment only, such as who types. */
export const noticeChannel = 'rooms:notice';
/** Told beside each write, so that no instance has to poll thousands of streams: the stream is the truth, this only a hint. */
export const hintChannel = 'rooms:hint';
export const streamKey = (tenantId: string, sessionId: string): string => `session:${tenantId}:${sessionId}`;

/** Streams of rooms where nothing happens any more go by themselves. */
const idleSeconds = 3600;
export const idleSecondsOf = (switches: Switches): number => Math.ceil(idleSeconds / switches.faster);
/** About how many messages a stream keeps for replay. */
export const keepLength = 1000;

// The sequence and the entry are written in one step, or two instances could number one way and append the other.
const append = `
local make = ARGV[4] == '1'
if not make and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local sequence = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'sequence', sequence, 'event', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], 24 * ARGV[3])
redis.call('PUBLISH', ARGV[5], KEYS[1])
return sequence`;

/** Appends to the room's stream and gives the message's sequence in the room; 0 when `onlyIfOpen` and nobody has opened the room. */
export async function appendToRoom(
  redis: Redis,
  key: string,
  event: RoomEvent,
  { idleForSeconds, onlyIfOpen = false }: { readonly idleForSeconds: number; readonly onlyIfOpen?: boolean },
): Promise<number> {
  const made = await redis.eval(
    append,
    2,
    key,
    `sequence:${key.slice('session:'.length)}`,
    JSON.stringify(event),
    keepLength,
    idleForSeconds,
    onlyIfOpen ? '0' : '1',
    hintChannel,
  );
  return Number(made);
}
