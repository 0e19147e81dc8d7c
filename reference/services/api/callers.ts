import type { FastifyRequest } from 'fastify';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { sessionToken } from '../common/cookies.ts';
import type { Session } from '../common/sessions.ts';
import { holderOf } from './api-keys.ts';
import { cookiesOf } from './csrf.ts';
import type { Deployment } from './deployment.ts';

/** A caller that is no browser: nothing is sent by itself with its requests, so there is nothing to forge. */
export interface Machine {
  readonly session: Session;
  /** May it change anything? */
  readonly writes: boolean;
}

/** By cookie, else by a token of one of our own services, else by API key. */
export function findCaller(deployment: Deployment) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.method === 'OPTIONS') return;
    if (request.headers.cookie !== undefined)
      request.session = await deployment.sessions.find(sessionToken(cookiesOf(request)));
    if (request.session) return;
    const machine = (await service(deployment, request)) ?? (await keyHolder(deployment, request));
    if (!machine) return;
    request.machine = machine;
    request.session = machine.session;
  };
}

const claims = z.object({
  sub: z.literal('livekit-agent'),
  service: z.literal(true),
  tenantId: z.uuid().toLowerCase(),
});

async function service({ config }: Deployment, { headers }: FastifyRequest): Promise<Machine | undefined> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  try {
    const secret = new TextEncoder().encode(config.serviceSecret);
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] });
    const { sub, tenantId } = claims.parse(payload);
    return { session: sessionOf(`service:${sub}`, 'admin', tenantId), writes: true };
  } catch {
    return undefined;
  }
}

async function keyHolder(deployment: Deployment, { headers, ip }: FastifyRequest): Promise<Machine | undefined> {
  const key = headers['x-api-key'];
  const read = typeof key === 'string' && !deployment.switches.on('api-keys-ignored');
  const holder = read ? await holderOf(deployment, key, ip) : undefined;
  if (!holder) return undefined;
  const role = holder.scopes.includes('admin') ? 'admin' : 'member';
  return { session: sessionOf(holder.id, role, holder.tenantId), writes: holder.scopes.includes('write') };
}

function sessionOf(id: string, role: 'admin' | 'member', tenantId: string): Session {
  const user = { id, email: '', name: null, role, tenantId };
  return { token: '', user, expiresAt: Number.POSITIVE_INFINITY, lastActivityAt: Date.now() };
}
