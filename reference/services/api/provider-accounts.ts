import { randomBytes } from 'node:crypto';
import type { SessionUser } from '../common/sessions.ts';
import type { Deployment } from './deployment.ts';

export interface Person {
  /** Who it is at the provider, for good; an e-mail address may change hands. */
  readonly subject: string;
  readonly email: string;
  readonly name: string;
}

interface UserRow {
  id: string;
  tenant_id: string;
  email: string;
  name: string | null;
  role: SessionUser['role'];
  verified: boolean;
}

const columns = 'u.id, u.tenant_id, u.email, u.name, u.role, u.email_verified IS NOT NULL AS verified';

/** The account the provider's person has here: linked before, found by its address, or new with a tenant of its own. */
export async function userOfProvider(deployment: Deployment, provider: string, person: Person): Promise<SessionUser> {
  if (deployment.switches.on('oauth-anew')) await forget(deployment, provider, person);
  const row =
    (await linked(deployment, provider, person)) ??
    (await link(deployment, provider, person, (await byEmail(deployment, person)) ?? (await made(deployment, person))));
  return { id: row.id, email: row.email, name: row.name, role: row.role, tenantId: row.tenant_id };
}

/** A planted fault: the account that was there, and its tenant, are no more. */
async function forget({ database }: Deployment, provider: string, { subject }: Person): Promise<void> {
  await database.service.rows(
    'provider-forget',
    `DELETE FROM tenants WHERE id IN (SELECT u.tenant_id FROM users u JOIN accounts a ON a.user_id = u.id
       WHERE a.provider = $1 AND a.provider_account_id = $2)`,
    [provider, subject],
  );
}

const linked = ({ database }: Deployment, provider: string, { subject }: Person): Promise<UserRow | undefined> =>
  database.service.first<UserRow>(
    'provider-linked',
    `SELECT ${columns} FROM users u JOIN accounts a ON a.user_id = u.id WHERE a.provider = $1 AND a.provider_account_id = $2`,
    [provider, subject],
  );

const byEmail = ({ database }: Deployment, { email }: Person): Promise<UserRow | undefined> =>
  database.service.first<UserRow>('provider-email', `SELECT ${columns} FROM users u WHERE u.email = $1`, [email]);

/**
 * Whoever registered an address without proving it may have been somebody else: now that its owner is here, that password and
 * those sessions end.
 */
async function link(deployment: Deployment, provider: string, { subject }: Person, user: UserRow): Promise<UserRow> {
  const { database, sessions } = deployment;
  if (!user.verified) {
    await database.service.rows(
      'provider-verify',
      'UPDATE users SET email_verified = now(), password_hash = NULL WHERE id = $1',
      [user.id],
    );
    await sessions.refreshUser(user.id, 'delete');
  }
  await database.service.rows(
    'provider-link',
    `INSERT INTO accounts (user_id, type, provider, provider_account_id) VALUES ($1, 'oidc', $2, $3) ON CONFLICT DO NOTHING`,
    [user.id, provider, subject],
  );
  return user;
}

async function made({ database }: Deployment, { email, name }: Person): Promise<UserRow> {
  const row = await database.service.first<UserRow>(
    'provider-register',
    `WITH tenant AS (
       INSERT INTO tenants (name, api_key, plan, settings)
       VALUES ($1, $2, 'starter', '{"maxMonthlySpend": 100, "features": ["chat"]}') RETURNING id
     ) INSERT INTO users AS u (tenant_id, email, name, role, password_algorithm, email_verified)
       SELECT id, $3, $1, 'owner', 'argon2id', now() FROM tenant RETURNING ${columns}`,
    [name, `pk_live_${randomBytes(32).toString('hex')}`, email],
  );
  return row!;
}
