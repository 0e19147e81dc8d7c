import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import type { Switches } from '../../common/switches.ts';

export const id = z.uuid();
/** As the database writes it, because it goes into the transaction's context as text. */
export const tenantId = z.uuid().toLowerCase();
export const byId = z.object({ id });
export const page = {
  limit: z.number().int().min(1).max(100).default(50),
  offset: z.number().int().min(0).max(1_000_000).default(0),
};

export interface Listing {
  readonly name: string;
  readonly columns: string;
  /** Table and condition; `values` are its parameters. */
  readonly from: string;
  readonly order: string;
  readonly values: readonly unknown[];
}

/** A page of a list, with a total that obeys the same filters; one statement, but for a page beyond the end. */
export async function paged<R extends object>(
  sql: Sql,
  listing: Listing,
  { limit, offset }: { limit: number; offset: number },
  switches: Switches,
) {
  const { columns, from, values } = listing;
  const unordered = listing.name === 'sessions' && isWrong(switches, 'sessions-unordered');
  const [name, order] = unordered ? [`${listing.name}-unordered`, 'id'] : [listing.name, listing.order];
  const stuck = listing.name === 'messages' && isWrong(switches, 'messages-stuck');
  const place = `LIMIT $${values.length + 1} OFFSET $${values.length + 2}`;
  const begin = stuck ? 0 : offset;
  const first = switches.on('list-pages-overlap') ? Math.max(0, begin - 1) : begin;
  const found = await sql.rows<R & { total: number }>(
    `${name}-page`,
    `SELECT ${columns}, count(*) OVER ()::int AS total FROM ${from} ORDER BY ${order} ${place}`,
    [...values, limit, first],
  );
  const counted = found[0]?.total ?? (offset === 0 ? 0 : await count(sql, listing));
  const total = switches.on('list-totals-wrong') ? counted + 1 : counted;
  const rows = found.map(({ total: _, ...row }) => row as unknown as R);
  return { rows, total, hasMore: offset + rows.length < total };
}

/** Is this the list that a planted fault spoils? */
export const isWrong = (switches: Switches, how: string): boolean => switches.value('list-wrong') === how;

/** The values of a list's filters; null, where a planted fault forgets them. */
export const filters = (switches: Switches, values: readonly unknown[]): readonly unknown[] =>
  switches.on('list-filters-ignored') ? values.map(() => null) : values;

async function count(sql: Sql, { name, from, values }: Listing): Promise<number> {
  const row = await sql.first<{ total: number }>(`${name}-total`, `SELECT count(*)::int AS total FROM ${from}`, values);
  return row?.total ?? 0;
}

/** For LIKE: what a person typed is text, not a pattern. */
export const contains = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
