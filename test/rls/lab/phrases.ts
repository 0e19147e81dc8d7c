import type { Base } from './bases.ts';
import type { Clean } from './clean.ts';
import type { Hole } from './holes.ts';

/** `where` is what the finding must name; `note`: told, but no hole by itself. */
export const hole = (rule: string, base: Base, where: string, name: string, sql: string, note?: true): Hole => ({
  rule,
  base,
  where,
  name,
  sql,
  ...(note && { note }),
});
export const clean = (base: Base, name: string, sql: string): Clean => ({ base, name, sql });

/** The table's own policy says something else. */
export const instead = (table: string, own: string) =>
  `drop policy own on ${table}; create policy own on ${table} using (${own})`;
/** One more policy beside the table's own. */
export const besides = (table: string, own: string, command = 'all') =>
  `create policy more on ${table} for ${command} using (${own})`;
export const definer = 'security definer set search_path = pg_catalog';

/** Who the session says it is, in the words of each schema. */
export const mandant = `nullif(current_setting('fin.mandant', true), '')`;
export const company = `nullif(current_setting('fleet.company', true), '')::bigint`;
export const space = 'workspace_slug = core.current_workspace()';
export const kunde = `kunde_nr = nullif(current_setting('shop.kunde', true), '')::int`;
