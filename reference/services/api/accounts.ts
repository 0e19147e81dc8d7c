import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hash, verify } from '@node-rs/argon2';
import type { SessionUser } from '../common/sessions.ts';
import type { Deployment } from './deployment.ts';

export type SignIn =
  | { readonly ok: true; readonly user: SessionUser; readonly emailVerified: boolean }
  | { readonly ok: false; readonly because: 'credentials' | 'locked' };

interface UserRow {
  id: string;
  tenant_id: string;
  email: string;
  name: string | null;
  role: SessionUser['role'];
  password_hash: string | null;
  locked: boolean;
  verified: boolean;
}

const lockAfter = 5;

/** Argon2id, which is the library's own choice of algorithm. Hashing runs in a thread of its own, so that a sign-in does not hold up everybody else's requests. */
export const hashPassword = (password: string): Promise<string> =>
  hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });

/** What an unknown address is compared with, so that it takes as long as a known one. */
const nobody = hashPassword(randomBytes(16).toString('hex'));

/** Five wrong passwords lock the account for fifteen minutes; the attempt that locks it still reads as a wrong password. */
export async function signIn({ database, switches }: Deployment, email: string, password: string): Promise<SignIn> {
  const row = await database.service.first<UserRow>(
    'sign-in',
    `SELECT id, tenant_id, email, name, role, password_hash, email_verified IS NOT NULL AS verified,
            coalesce(locked_until > now(), false) AS locked FROM users WHERE email = $1`,
    [email],
  );
  const right = await matches(row?.password_hash ?? (await nobody), password);
  if (switches.on('login-broken') || !row) return { ok: false, because: 'credentials' };
  if (row.locked) return { ok: false, because: 'locked' };
  if (!right) {
    await database.service.rows(
      'sign-in-failed',
      `UPDATE users SET failed_login_attempts = coalesce(failed_login_attempts, 0) + 1,
         locked_until = CASE WHEN coalesce(failed_login_attempts, 0) + 1 >= ${lockAfter} THEN now() + interval '15 minutes' ELSE locked_until END
       WHERE id = $1`,
      [row.id],
    );
    return { ok: false, because: 'credentials' };
  }
  await database.service.rows(
    'sign-in-done',
    'UPDATE users SET failed_login_attempts = 0, locked_until = NULL, last_login_at = now() WHERE id = $1',
    [row.id],
  );
  const { id, email: address, name, role, tenant_id: tenantId, verified } = row;
  return { ok: true, user: { id, email: address, name, role, tenantId }, emailVerified: verified };
}

async function matches(hashed: string, password: string): Promise<boolean> {
  // A row from elsewhere may hold a hash of another kind, which no password here can match.
  return verify(hashed, password).catch(() => false);
}

/** In place of a mail provider: what would have been sent, one JSON object a line, for a person or a test to read. */
export async function sendMail(
  { config }: Deployment,
  to: string,
  kind: 'verify' | 'reset',
  token: string,
): Promise<void> {
  const line = JSON.stringify({ at: new Date().toISOString(), to, kind, token });
  await appendFile(join(config.directory, 'outbox.ndjson'), `${line}\n`, { mode: 0o600 });
}

export const newToken = (): string => randomBytes(32).toString('hex');
