import { type Base, bases } from './bases.ts';
import type { Clean } from './clean.ts';

type Way = (table: string, own: string) => string;

const ways: Readonly<Record<string, Way>> = {
  'USING alone': (table, own) => `create policy p on ${table} using (${own})`,
  'one policy a command': (table, own) =>
    `create policy s on ${table} for select using (${own}); create policy i on ${table} for insert with check (${own}); create policy u on ${table} for update using (${own}); create policy d on ${table} for delete using (${own})`,
  'wide above a floor': (table, own) =>
    `create policy wide on ${table} using (true) with check (true); create policy floor on ${table} as restrictive using (${own}) with check (${own})`,
  'two floors': (table, own) =>
    `create policy wide on ${table} using (${own}); create policy a on ${table} as restrictive using (true); create policy b on ${table} as restrictive for select using (${own})`,
  'for this role alone': (table, own) => `create policy p on ${table} to ROLE using (${own})`,
  'a wide policy for somebody else': (table, own) =>
    `create role "ROLE_else" nologin; create policy p on ${table} using (${own}); create policy q on ${table} to "ROLE_else" using (true)`,
  'not forced, and owned by another': (table, own) =>
    `create policy p on ${table} using (${own}); alter table ${table} no force row level security`,
  'said twice': (table, own) =>
    `create policy p on ${table} using (${own}); create policy q on ${table} using (${own})`,
  'with false beside it': (table, own) =>
    `create policy p on ${table} using (${own}); create policy q on ${table} using (false)`,
  'with more columns': (table, own) =>
    `create policy p on ${table} using (${own}); alter table ${table} add shared boolean, add deleted_at timestamptz, add rank int check (rank between 1 and 5)`,
  'own rows, and not deleted': (table, own) =>
    `alter table ${table} add deleted boolean not null default false; create policy p on ${table} using (${own} and not deleted) with check (${own})`,
  'read only': (table, own) =>
    `create policy p on ${table} for select using (${own}); revoke insert, update, delete on ${table} from ROLE`,
  'CASE around it': (table, own) => `create policy p on ${table} using (case when ${own} then true else false end)`,
  'coalesced to false': (table, own) => `create policy p on ${table} using (coalesce(${own}, false))`,
  'a view of the invoker above it': (table, own) =>
    `create policy p on ${table} using (${own}); create view ${table}_seen with (security_invoker = true) as select * from ${table}; grant select on ${table}_seen to ROLE`,
  'a trigger that notes the time': (table, own) =>
    `create policy p on ${table} using (${own}); alter table ${table} add changed timestamptz; create function ${table}_note() returns trigger language plpgsql as $$ begin new.changed := now(); return new; end $$; create trigger note before insert or update on ${table} for each row execute function ${table}_note()`,
};

/** Each table of each base, with its one policy said in another way that means the same. */
export const shapes: readonly Clean[] = bases.flatMap((base) =>
  tablesOf(base).flatMap(({ table, condition }) =>
    Object.entries(ways).map(([name, way]) => ({
      base,
      name: `${table}: ${name}`,
      sql: `drop policy own on ${table}; ${way(table, condition)}`,
    })),
  ),
);

/** From the base's own text: `create policy own on TABLE using (CONDITION) with check (…)`. */
function tablesOf({ sql }: Base): { table: string; condition: string }[] {
  return [...sql.matchAll(/create policy own on (\S+) using \((.*)\) with check \(/g)].map((match) => ({
    table: match[1]!,
    condition: match[2]!,
  }));
}
