import { z } from 'zod';

export const id = z.uuid();
export const byId = z.object({ id });
export const page = {
  limit: z.number().int().min(1).max(100).default(50),
  offset: z.number().int().min(0).max(1_000_000).default(0),
};

/** A page of a list, with a total that obeys the same filters. */
export function paged<K extends string, R>(key: K, rows: readonly R[], total: number, offset: number) {
  return { [key]: rows, total, hasMore: offset + rows.length < total } as Record<K, readonly R[]> & {
    total: number;
    hasMore: boolean;
  };
}

/** For LIKE: what a person typed is text, not a pattern. */
export const contains = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
