import { createHmac, randomBytes } from 'node:crypto';
import type { Deployment } from './deployment.ts';

export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export interface KeyRow {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'publishable' | 'secret';
  readonly permissions: { readonly scopes: readonly Scope[]; readonly ipWhitelist: readonly string[] };
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** `(pk|sk)_test_` and 32 characters; `live` is for production alone. Shown once, kept as a hash. */
export function newKey(deployment: Deployment, type: KeyRow['type']) {
  const key = `${type === 'secret' ? 'sk' : 'pk'}_test_${randomBytes(24).toString('base64url')}`;
  return { key, hash: hashKey(deployment, key), prefix: key.slice(0, 14) };
}

const hashKey = ({ config }: Deployment, key: string): string =>
  createHmac('sha256', config.sessionSecret).update(`api-key:${key}`).digest('hex');

export const keyColumns = `id, tenant_id AS "tenantId", name, key_type AS type, prefix AS "keyPrefix", permissions, expires_at AS "expiresAt",
  revoked_at AS "revokedAt", created_at AS "createdAt", last_used_at AS "lastUsedAt"`;

export function findKey(deployment: Deployment, key: string): Promise<KeyRow | undefined> {
  return deployment.database.service.first<KeyRow>(
    'key-find',
    `SELECT ${keyColumns} FROM api_keys WHERE key_hash = $1`,
    [hashKey(deployment, key)],
  );
}

/** Why a key does not open, or nothing. */
export function whyNot({ switches }: Deployment, { expiresAt, revokedAt }: KeyRow): string | undefined {
  if (switches.on('api-keys-for-ever')) return undefined;
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= Date.now() ? 'expired' : undefined;
}

/** Whom a key speaks for, when it is good and comes from where it may. */
export async function holderOf(deployment: Deployment, key: string, ip: string) {
  if (!/^[ps]k_(live|test)_[\w-]{32}$/.test(key)) return undefined;
  const row = await findKey(deployment, key);
  if (!row || whyNot(deployment, row) !== undefined) return undefined;
  const { ipWhitelist, scopes: granted } = row.permissions;
  if (ipWhitelist.length > 0 && !ipWhitelist.includes(ip)) return undefined;
  await deployment.database.service.rows(
    'key-used',
    `UPDATE api_keys SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [row.id],
  );
  return { id: row.id, tenantId: row.tenantId, scopes: deployment.switches.on('api-keys-unscoped') ? scopes : granted };
}
