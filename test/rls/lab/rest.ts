import { claims, kunden } from './bases.ts';
import type { Hole } from './holes.ts';
import { hole, mandant } from './phrases.ts';
import { fleet, guarded, ledger } from './unlike-bases.ts';

/** Classes of which the other parts of the lab have one variant or none. */
export const rest: readonly Hole[] = [
  hole(
    'R04',
    kunden,
    'laden.auftraege',
    'no policy for three commands',
    `drop policy own on laden.auftraege; create policy s on laden.auftraege for select using (kunde_nr = nullif(current_setting('shop.kunde', true), '')::int)`,
    true,
  ),
  hole('R04', ledger, 'fin.konten', 'no policy at all', 'drop policy own on fin.konten', true),
  hole(
    'R26',
    ledger,
    'fin.belege',
    'only the tenant may be changed',
    `drop policy own on fin.belege; create policy s on fin.belege for select using (mandant = ${mandant}); create policy u on fin.belege for update using (mandant = ${mandant}) with check (mandant <> ''); alter table fin.belege drop constraint belege_mandant_beleg_fkey; revoke update on fin.belege from ROLE; grant update (mandant) on fin.belege to ROLE`,
  ),
  hole(
    'R33',
    ledger,
    'fin.belege',
    'what is emptied with it',
    `create table fin.anlagen (id int primary key, mandant text not null, beleg_id uuid references fin.belege on delete set null, name text); ${guarded('fin.anlagen', `mandant = ${mandant}`)}`,
  ),
  hole(
    'R34',
    claims,
    'app.same(text,text)',
    'a leakproof operator',
    `create function app.same(a text, b text) returns boolean language plpgsql leakproof cost 0.1 as $$ begin raise notice '%', a; return a = b; end $$; create operator app.=== (leftarg = text, rightarg = text, function = app.same)`,
  ),
  hole(
    'R35',
    ledger,
    'pg_statistic_ext_data',
    'statistics of several columns',
    'grant select on pg_statistic_ext_data to public',
  ),
  hole('R36', kunden, 'EXPLAIN ANALYZE', 'plans tell how much there is', 'select 1', true),
  hole('R36', ledger, 'EXPLAIN ANALYZE', 'plans tell how much there is, of text tenants', 'select 1', true),
  hole('R37', kunden, 'pg_stat_activity', 'statements of others', 'select 1', true),
  hole('R37', fleet, 'pg_stat_activity', 'statements of others, of number tenants', 'select 1', true),
  hole(
    'R38',
    kunden,
    'laden.rufen()',
    'tells the old row',
    `create function laden.rufen() returns trigger language plpgsql security definer set search_path = pg_catalog as $$ begin perform pg_notify('auftrag', row_to_json(old)::text); return old; end $$; create trigger rufen after delete on laden.auftraege for each row execute function laden.rufen()`,
    true,
  ),
];
