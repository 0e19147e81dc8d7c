import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { SessionUser } from '../common/sessions.ts';
import type { Deployment } from './deployment.ts';
import { factorHolds } from './second-factor.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly mfaCode?: string | undefined;
}

export type SignIn =
  | { readonly ok: true; readonly user: SessionUser; readonly emailVerified: boolean }
  | { readonly ok: false; readonly because: 'unknown' | 'password' | 'locked' | 'code-needed' | 'code' };

interface UserRow {
  id: string;
  tenant_id: string;
  email: string;
  name: string | null;
  role: SessionUser['role'];
  password_hash: string | null;
  locked_until: Date | null;
  verified: boolean;
  mfa_enabled: boolean;
}

const lockAfter = 5;
const lockMs = 15 * 60_000;

/** Argon2id, which is the library's own choice of algorithm. Hashing runs in a thread of its own, so that a sign-in does not hold up everybody else's requests. */
export const hashPassword = (password: string): Promise<string> =>
  hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });

/** What an unknown address is compared with, so that it takes as long as a known one. */
const nobody = hashPassword(randomBytes(16).toString('hex'));

/** Five wrong passwords lock the account for fifteen minutes; the attempt that locks it still reads as a wrong password. */
export async function signIn(
  deployment: Deployment,
  { email, password, mfaCode }: Credentials,
  { factor = true, locks = true }: { readonly factor?: boolean; readonly locks?: boolean } = {},
): Promise<SignIn> {
  const { database, switches, clock } = deployment;
  const row = await database.service.first<UserRow>(
    'sign-in',
    `SELECT id, tenant_id, email, name, role, password_hash, email_verified IS NOT NULL AS verified, locked_until, mfa_enabled
     FROM users WHERE email = $1`,
    [email],
  );
  const right = await matches(row?.password_hash ?? (await nobody), password);
  if (switches.on('login-broken') || !row) return { ok: false, because: 'unknown' };
  const now = clock.now(row.email);
  if (locks && row.locked_until && row.locked_until.getTime() > now) return { ok: false, because: 'locked' };
  if (!right) {
    if (locks) await countFailure(deployment, row.id, now);
    return { ok: false, because: 'password' };
  }
  if (factor && row.mfa_enabled && !switches.on('mfa-skipped')) {
    if (!mfaCode) return { ok: false, because: 'code-needed' };
    if (!(await factorHolds(deployment, row.id, mfaCode))) return { ok: false, because: 'code' };
  }
  await database.service.rows(
    'sign-in-done',
    'UPDATE users SET failed_login_attempts = 0, locked_until = NULL, last_login_at = now() WHERE id = $1',
    [row.id],
  );
  const { id, email: address, name, role, tenant_id: tenantId, verified } = row;
  return { ok: true, user: { id, email: address, name, role, tenantId }, emailVerified: verified };
}

async function countFailure({ database, switches }: Deployment, userId: string, now: number): Promise<void> {
  if (switches.on('lock-off')) return;
  await database.service.rows(
    'sign-in-failed',
    `UPDATE users SET failed_login_attempts = coalesce(failed_login_attempts, 0) + 1,
       locked_until = CASE WHEN coalesce(failed_login_attempts, 0) + 1 >= ${lockAfter} THEN $2::timestamptz ELSE locked_until END
     WHERE id = $1`,
    [userId, new Date(now + Number(switches.value('lock-ms') ?? lockMs))],
  );
}

/** Is this the password of the account? */
export async function passwordHolds({ database }: Deployment, userId: string, password: string): Promise<boolean> {
  const row = await database.service.first<{ password_hash: string | null }>(
    'password-of',
    'SELECT password_hash FROM users WHERE id = $1',
    [userId],
  );
  return matches(row?.password_hash ?? (await nobody), password);
}

async function matches(hashed: string, password: string): Promise<boolean> {
  // A row from elsewhere may hold a hash of another kind, which no password here can match.
  return verify(hashed, password).catch(() => false);
}

export const newToken = (): string => randomBytes(32).toString('hex');
