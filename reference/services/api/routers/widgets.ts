import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { adminProcedure, listedWidely, notFound, ownerProcedure, router, tenantProcedure } from '../trpc.ts';
import { byId, id, isWrong, page, paged } from './shapes.ts';

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour like #1a2b3c');
const settings = z.object({
  theme: z.enum(['light', 'dark', 'auto']).optional(),
  position: z.enum(['bottom-right', 'bottom-left']).optional(),
  greeting: z.string().max(200).optional(),
  primaryColor: colour.optional(),
  secondaryColor: colour.optional(),
  enableScreenShare: z.boolean().optional(),
  screenSharePrompt: z.string().max(500).optional(),
});
const name = z.string().min(1).max(100);
const domainWhitelist = z.array(z.url().max(2000)).min(1).max(50);

const columns = `id, name, domain_whitelist AS "domainWhitelist", settings, is_active AS "isActive", created_at AS "createdAt"`;

interface Widget {
  readonly id: string;
  readonly name: string;
  readonly domainWhitelist: readonly string[];
  readonly settings: z.infer<typeof settings>;
  readonly isActive: boolean;
  readonly createdAt: Date;
}

export const widgets = router({
  list: tenantProcedure.input(z.object({ ...page, isActive: z.boolean().optional() })).query(async ({ ctx, input }) => {
    const listing = {
      name: 'widgets',
      columns,
      from: 'widgets WHERE ($1::boolean IS NULL OR is_active = $1)',
      order: 'created_at, id',
      values: [input.isActive ?? null],
    };
    const { rows, total, hasMore } = await paged<Widget>(
      listedWidely(ctx, 'widgets'),
      listing,
      input,
      ctx.deployment.switches,
    );
    if (!isWrong(ctx.deployment.switches, 'widgets-miscounted')) return { widgets: rows, total, hasMore };
    const all = await ctx.sql.first<{ total: number }>('widgets-all', 'SELECT count(*)::int AS total FROM widgets');
    return { widgets: rows, total: all!.total, hasMore: input.offset + rows.length < all!.total };
  }),

  get: tenantProcedure.input(byId).query(({ ctx, input }) => one(ctx.sql, input.id)),

  create: adminProcedure
    .input(z.object({ name, domainWhitelist, settings: settings.default({}) }))
    .mutation(async ({ ctx, input }) => {
      const row = await ctx.sql.first<Widget>(
        'widgets-create',
        `INSERT INTO widgets (tenant_id, name, domain_whitelist, settings) VALUES ($1, $2, $3, $4) RETURNING ${columns}`,
        [ctx.user.tenantId, input.name, JSON.stringify(input.domainWhitelist), JSON.stringify(input.settings)],
      );
      return row!;
    }),

  update: adminProcedure
    .input(
      z.object({
        id,
        name: name.optional(),
        domainWhitelist: domainWhitelist.optional(),
        settings: settings.optional(),
        isActive: z.boolean().optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const before = await one(ctx.sql, input.id);
      if (ctx.deployment.switches.on('settings-not-saved')) return { ...before, ...input };
      return change(ctx.sql, before, input);
    }),

  delete: ownerProcedure.input(byId).mutation(async ({ ctx, input }) => {
    await one(ctx.sql, input.id);
    await ctx.sql.rows('widgets-delete', 'DELETE FROM widgets WHERE id = $1', [input.id]);
    return { id: input.id, deleted: true };
  }),
});

async function one(sql: Sql, widgetId: string): Promise<Widget> {
  const row = await sql.first<Widget>('widgets-get', `SELECT ${columns} FROM widgets WHERE id = $1`, [widgetId]);
  if (!row) throw notFound('Widget');
  return row;
}

/** Settings that are not named stay as they were. */
async function change(sql: Sql, before: Widget, changed: Partial<Widget>): Promise<Widget> {
  const after = { ...before, ...changed, settings: { ...before.settings, ...changed.settings } };
  const row = await sql.first<Widget>(
    'widgets-update',
    `UPDATE widgets SET name = $2, domain_whitelist = $3, settings = $4, is_active = $5, updated_at = now()
     WHERE id = $1 RETURNING ${columns}`,
    [after.id, after.name, JSON.stringify(after.domainWhitelist), JSON.stringify(after.settings), after.isActive],
  );
  return row!;
}
