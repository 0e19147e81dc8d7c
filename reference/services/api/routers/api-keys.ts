import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { findKey, type KeyRow, keyColumns, newKey, type Scope, scopes, whyNot } from '../api-keys.ts';
import { badRequest, listedWidely, notFound, router, tenantProcedure } from '../trpc.ts';
import { id } from './shapes.ts';

const dayMs = 86_400_000;
const permissions = z
  .array(z.enum(scopes))
  .min(1)
  .refine((given) => !given.includes('write') || given.includes('read'), 'write needs read')
  .refine(
    (given) => !given.includes('admin') || (given.includes('read') && given.includes('write')),
    'admin needs read and write',
  );
const byKey = z.object({ keyId: id });

interface Listed extends KeyRow {
  readonly name: string;
  readonly keyPrefix: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

export const apiKeys = router({
  create: tenantProcedure
    .input(
      z.object({
        name: z.string().min(1).max(100),
        type: z.enum(['publishable', 'secret']),
        permissions,
        ipWhitelist: z
          .array(z.union([z.ipv4(), z.ipv6()]))
          .max(100)
          .default([]),
        expiresInDays: z.number().int().min(1).max(365).default(90),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { key, hash, prefix } = newKey(ctx.deployment, input.type);
      const expiresAt = new Date(Date.now() + input.expiresInDays * dayMs);
      const allowed = { scopes: [...new Set(input.permissions)], ipWhitelist: input.ipWhitelist };
      const row = await ctx.sql.first<Listed>(
        'key-create',
        `INSERT INTO api_keys (tenant_id, name, key_type, key_hash, prefix, permissions, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${keyColumns}`,
        [ctx.user.tenantId, input.name, input.type, hash, prefix, JSON.stringify(allowed), expiresAt],
      );
      const warning = 'Keep this key now; it is not shown again.';
      return {
        id: row!.id,
        apiKey: key,
        keyPrefix: prefix,
        name: input.name,
        type: input.type,
        permissions: allowed.scopes,
        expiresAt,
        warning,
      };
    }),

  list: tenantProcedure.query(async ({ ctx }) => {
    const rows = await listedWidely(ctx, 'apiKeys').rows<Listed>(
      'keys-list',
      `SELECT ${keyColumns} FROM api_keys ORDER BY created_at DESC, id`,
    );
    return rows.map((row) => listed(row, whyNot(ctx.deployment, row) === undefined));
  }),

  revoke: tenantProcedure.input(byKey).mutation(async ({ ctx, input }) => {
    const row = await ctx.sql.first(
      'key-revoke',
      'UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [input.keyId],
    );
    if (row) return { success: true, message: 'Key revoked' };
    await one(ctx.sql, input.keyId);
    throw badRequest('This key is revoked already');
  }),

  stats: tenantProcedure.input(byKey).query(async ({ ctx, input }) => {
    const { id: keyId, lastUsedAt, createdAt } = await one(ctx.sql, input.keyId);
    return { keyId, lastUsedAt, createdAt };
  }),

  /** Of one's own tenant's keys alone; any other is as good as made up. */
  validate: tenantProcedure.input(z.object({ apiKey: z.string().min(1).max(200) })).query(async ({ ctx, input }) => {
    const row = await findKey(ctx.deployment, input.apiKey);
    if (!row || row.tenantId !== ctx.user.tenantId) return { valid: false as const, reason: 'unknown' };
    const reason = whyNot(ctx.deployment, row);
    if (reason !== undefined) return { valid: false as const, reason };
    const { tenantId, type, permissions: allowed } = row;
    return { valid: true as const, tenantId, permissions: allowed.scopes, type, ipWhitelist: allowed.ipWhitelist };
  }),
});

function listed({ permissions: { scopes: granted, ipWhitelist }, ...row }: Listed, isActive: boolean) {
  const { id: keyId, name, keyPrefix, type, expiresAt, revokedAt, createdAt, lastUsedAt } = row;
  const shown: readonly Scope[] = granted;
  return {
    id: keyId,
    name,
    keyPrefix,
    type,
    permissions: shown,
    ipWhitelist,
    expiresAt,
    revokedAt,
    createdAt,
    lastUsedAt,
    isActive,
  };
}

async function one(sql: Sql, keyId: string): Promise<Listed> {
  const row = await sql.first<Listed>('key-get', `SELECT ${keyColumns} FROM api_keys WHERE id = $1`, [keyId]);
  if (!row) throw notFound('Key');
  return row;
}
