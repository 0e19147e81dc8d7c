import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Config } from '../common/config.ts';
import { parseCookies, sessionToken } from '../common/cookies.ts';
import type { Database } from '../common/database.ts';
import type { Session, Sessions } from '../common/sessions.ts';
import type { Switches } from '../common/switches.ts';

export type Entrance =
  | {
      readonly ok: true;
      readonly session: Session;
      readonly sessionId: string;
      readonly after: string | undefined;
      /** A planted fault: refused in words alone. */
      readonly unwelcome?: true;
    }
  | { readonly ok: false; readonly reason: string };

export interface Door {
  readonly config: Config;
  readonly switches: Switches;
  readonly sessions: Sessions;
  readonly database: Database;
}

const refused = (reason: string): Entrance => ({ ok: false, reason });
const uuid = z.uuid();

/** Who comes, to which room, and may they: judged after the upgrade, because the refusal is a close frame with its reason. */
export async function admit(door: Door, request: IncomingMessage): Promise<Entrance> {
  const { switches } = door;
  if (switches.on('refuse-all')) return refused('Invalid or expired session');
  const url = new URL(request.url ?? '/', 'ws://localhost');
  const sessionId = url.searchParams.get('sessionId') ?? '';
  const after = url.searchParams.get('after') ?? undefined;
  if (!originAllowed(door, request.headers.origin)) return refused('Origin not allowed');
  const session = await identify(door, request, sessionId);
  if (typeof session === 'string') return refused(session);
  if (!uuid.safeParse(sessionId).success) return refused('Session not found or access denied');
  const isOwn = await roomIsOwn(door, session, sessionId);
  const inside = !isOwn && switches.on('room-refused-in-words') ? await stranger(door.database, sessionId) : null;
  if (inside !== null && typeof inside !== 'string')
    return { ok: true, session: inside, sessionId, after, unwelcome: true };
  if (!isOwn) return refused('Session not found or access denied');
  return { ok: true, session, sessionId, after };
}

/** Browsers always name the page's origin; other clients name none, and carry no cookie they were not given. */
function originAllowed({ config, switches }: Door, origin: string | undefined): boolean {
  return origin === undefined || config.origins.includes(origin) || switches.on('origin-off');
}

async function identify(
  { switches, sessions, database }: Door,
  request: IncomingMessage,
  sessionId: string,
): Promise<Session | string> {
  const cookies = parseCookies(request.headers.cookie);
  const token = switches.on('old-cookies-only')
    ? (cookies['next-auth.session-token'] ?? cookies['__Secure-next-auth.session-token'])
    : sessionToken(cookies);
  const session = await sessions.find(token);
  if (session) return session;
  if (switches.on('accept-bad-token')) return stranger(database, sessionId);
  if (!request.headers.cookie) return 'No authentication cookie found';
  return token === undefined ? 'No session token in cookies' : 'Invalid or expired session';
}

async function roomIsOwn({ database, switches }: Door, { user }: Session, sessionId: string): Promise<boolean> {
  if (switches.on('room-unchecked')) return true;
  const find = 'SELECT 1 FROM sessions WHERE id = $1';
  return database.readInTenant(
    user.tenantId,
    async (sql) => (await sql.first('room-own', find, [sessionId])) !== undefined,
  );
}

/** A planted fault: whoever comes is taken for a member of the tenant whose room they ask for. */
async function stranger(database: Database, sessionId: string): Promise<Session | string> {
  if (!uuid.safeParse(sessionId).success) return 'Invalid or expired session';
  const room = await database.service.first<{ tenant_id: string }>(
    'room-tenant',
    'SELECT tenant_id FROM sessions WHERE id = $1',
    [sessionId],
  );
  if (!room) return 'Invalid or expired session';
  const user = {
    id: '00000000-0000-4000-8000-000000000000',
    email: '',
    name: null,
    role: 'member' as const,
    tenantId: room.tenant_id,
  };
  return { token: '', user, expiresAt: Number.POSITIVE_INFINITY, lastActivityAt: Date.now() };
}
