import { claims, kunden, logins, workspaces } from './bases.ts';
import type { Clean } from './clean.ts';
import { besides, clean, company, definer, instead, mandant } from './phrases.ts';
import { brands, clinics, drawn, fleet, gateway, guarded, ledger, sittings, unlikeBases } from './unlike-bases.ts';

const land = `nullif(current_setting('med.land', true), '')`;
const nr = `nullif(current_setting('med.praxis', true), '')::int`;

/** Other ways to say who one is. */
const identities: readonly Clean[] = [
  ...unlikeBases.map((base) => clean(base, 'as it is', 'select 1')),
  clean(clinics, 'both columns as a row', instead('praxis.patienten', `(land, nr) = (${land}, ${nr})`)),
  clean(
    clinics,
    'both columns in one text',
    instead('praxis.patienten', `land || '/' || nr = ${land} || '/' || ${nr}`),
  ),
  clean(
    clinics,
    'through the parent by both',
    instead(
      'praxis.befunde',
      `exists (select from praxis.patienten p where (p.land, p.nr, p.patient) = (befunde.land, befunde.nr, befunde.patient))`,
    ),
  ),
  clean(
    ledger,
    'upper and lower case are one, and names are lower',
    `alter table fin.konten add check (mandant = lower(mandant)); ${instead('fin.konten', `mandant = lower(${mandant})`)}`,
  ),
  clean(
    ledger,
    'a list of tenants',
    instead('fin.konten', `mandant = any (string_to_array(current_setting('fin.mandant', true), ','))`),
  ),
  clean(claims, 'a list of tenants in a claim', instead('app.items', `auth.jwt() -> 'org_id' ? org_id::text`)),
  clean(
    claims,
    'nested claims',
    `create or replace function auth.org() returns uuid language sql stable as $$ select (auth.jwt() -> 'app_metadata' ->> 'org_id')::uuid $$`,
  ),
  clean(
    fleet,
    'a membership of the person',
    instead(
      'ops.vehicles',
      `company_id = ${company} and exists (select from iam.memberships m where m.company_id = vehicles.company_id and m.person_id = nullif(current_setting('fleet.person', true), '')::uuid)`,
    ),
  ),
  clean(
    fleet,
    'only what one drove oneself',
    instead(
      'ops.trips',
      `exists (select from ops.vehicles v where v.id = trips.vehicle_id and v.company_id = ${company}) and driver = nullif(current_setting('fleet.person', true), '')::uuid`,
    ),
  ),
  clean(
    fleet,
    'a role in a setting narrows',
    instead('ops.vehicles', `company_id = ${company} and current_setting('fleet.role', true) in ('manager', 'driver')`),
  ),
  clean(
    fleet,
    'a restrictive role',
    `create policy staff on ops.vehicles as restrictive for delete using (current_setting('fleet.role', true) = 'manager')`,
  ),
  clean(
    ledger,
    'numeric text with its zeros',
    instead('fin.konten', `mandant = lpad(${mandant}, greatest(4, length(${mandant})), '0')`),
  ),
  clean(
    brands,
    'cast to the list',
    instead('stock.articles', `brand = nullif(current_setting('wms.brand', true), '')::stock.brand`),
  ),
  clean(
    brands,
    'rows that were there before',
    `insert into stock.articles (sku, brand) values ('x1', 'acme'), ('x2', 'globex'), ('x3', 'umbrella'); insert into stock.shelves values (1, 'acme', 'x1', 3)`,
  ),
  clean(
    gateway,
    'the other role sees nothing',
    `create role "ROLE_anon" nologin; grant "ROLE_anon" to ROLE; grant usage on schema api to "ROLE_anon"`,
  ),
  clean(
    gateway,
    'the other role is bound as well',
    `create role "ROLE_app" nologin; grant "ROLE_app" to ROLE; grant usage on schema api to "ROLE_app"; grant select on api.todos to "ROLE_app"`,
  ),
  clean(
    sittings,
    'a row of the sitting itself',
    `create policy mine on hr.sittings for select using (token = nullif(current_setting('hr.token', true), '')); alter table hr.sittings enable row level security; alter table hr.sittings force row level security; grant select on hr.sittings to ROLE`,
  ),
];

/** Arms that look wide and are not, for this role. */
const arms: readonly Clean[] = [
  clean(
    ledger,
    'a group it is not in',
    `create role "ROLE_pruefer" nologin; ${besides('fin.konten', `pg_has_role(current_user, 'ROLE_pruefer', 'member')`)}`,
  ),
  clean(ledger, 'the superuser', besides('fin.konten', `current_setting('is_superuser') = 'on'`)),
  clean(ledger, 'the owner', besides('fin.konten', `current_user = 'postgres'`)),
  clean(
    fleet,
    'a list of staff nobody may write',
    `create table iam.staff (login text primary key); grant select on iam.staff to ROLE; ${besides('ops.vehicles', 'exists (select from iam.staff s where s.login = session_user)', 'select')}`,
  ),
  clean(
    fleet,
    'only from within',
    `create policy inside on ops.vehicles as restrictive using (inet_client_addr() is null or inet_client_addr() <<= '127.0.0.0/8')`,
  ),
  clean(
    fleet,
    'only what is still valid',
    `alter table ops.vehicles add valid_until timestamptz; ${instead('ops.vehicles', `company_id = ${company} and (valid_until is null or valid_until > now())`)}`,
  ),
  clean(
    ledger,
    'a switch that can only close',
    instead('fin.konten', `mandant = ${mandant} and current_setting('fin.wartung', true) is distinct from 'ein'`),
  ),
  clean(
    ledger,
    'false and anything',
    besides('fin.konten', `storniert_am is not null and false`).replace('storniert_am', 'bezeichnung'),
  ),
  clean(
    fleet,
    'a policy for others, deletes for nobody',
    `create role "ROLE_batch" nologin; create policy batch on ops.trips to "ROLE_batch" using (true); revoke delete on ops.trips from ROLE`,
  ),
  clean(
    workspaces,
    'a helper that catches what is wrong',
    `create or replace function core.current_workspace() returns text language plpgsql stable as $$ begin return nullif(current_setting('session.workspace'), ''); exception when others then return null; end $$`,
  ),
  clean(
    claims,
    'a helper that catches a wrong claim',
    `create or replace function auth.org() returns uuid language plpgsql stable as $$ begin return (auth.jwt() ->> 'org_id')::uuid; exception when others then return null; end $$`,
  ),
  clean(
    kunden,
    'a helper as definer',
    `create function laden.ich() returns int language sql stable ${definer} as $$ select nullif(current_setting('shop.kunde', true), '')::int $$; ${instead('laden.auftraege', 'kunde_nr = laden.ich()')}`,
  ),
];

/** Tables, columns and constraints of every kind. */
const tables: readonly Clean[] = [
  clean(
    ledger,
    'listed by partition',
    `create table fin.jahre (mandant text not null, jahr int not null, summe numeric, primary key (mandant, jahr)) partition by list (jahr); create table fin.jahre_alt partition of fin.jahre for values in (2001, 2002); create table fin.jahre_rest partition of fin.jahre default partition by range (jahr); create table fin.jahre_rest_a partition of fin.jahre_rest for values from (minvalue) to (maxvalue); ${guarded('fin.jahre', `mandant = ${mandant}`)}`,
  ),
  clean(
    ledger,
    'spread by hash',
    `create table fin.spur (mandant text not null, n bigint not null, was text) partition by hash (mandant); create table fin.spur_0 partition of fin.spur for values with (modulus 2, remainder 0); create table fin.spur_1 partition of fin.spur for values with (modulus 2, remainder 1); ${guarded('fin.spur', `mandant = ${mandant}`)}`,
  ),
  clean(
    fleet,
    'times that must not overlap',
    `create extension btree_gist; create table ops.bookings (company_id bigint not null references iam.companies, vehicle bigint not null, during tstzrange not null, exclude using gist (company_id with =, vehicle with =, during with &&)); ${guarded('ops.bookings', `company_id = ${company}`)}`,
  ),
  clean(
    fleet,
    'one open loan a vehicle',
    `create table ops.loans (id bigint generated by default as identity primary key, company_id bigint not null references iam.companies, vehicle bigint not null, open boolean not null default true); create unique index on ops.loans (company_id, vehicle) where open; ${guarded('ops.loans', `company_id = ${company}`)}`,
  ),
  clean(
    fleet,
    'many checks',
    `create table ops.cards (company_id bigint not null references iam.companies, code text not null check (code ~ '^[A-Z]{2}-[0-9]{4}$'), pin char(4) not null check (pin ~ '^[0-9]+$'), from_day date not null, to_day date not null, limit_eur numeric(6, 2) check (limit_eur between 10 and 500), kind text not null check (kind in ('fuel', 'toll')), toll_zone text, check (from_day < to_day), check ((kind = 'toll') = (toll_zone is not null)), primary key (company_id, code)); ${guarded('ops.cards', `company_id = ${company}`)}`,
  ),
  clean(
    ledger,
    'mutable by appending only',
    `create rule fest as on update to fin.buchungen do instead nothing; create rule bleibt as on delete to fin.buchungen do instead nothing`,
  ),
  clean(
    ledger,
    'deleting marks',
    `create function fin.marke() returns trigger language plpgsql as $$ begin update fin.buchungen set storniert = true where mandant = old.mandant and beleg = old.beleg; return null; end $$; create trigger marke before delete on fin.buchungen for each row execute function fin.marke()`,
  ),
  clean(
    ledger,
    'nothing may go',
    `create function fin.nie() returns trigger language plpgsql as $$ begin raise exception 'nie'; end $$; create trigger nie before delete on fin.konten for each row execute function fin.nie()`,
  ),
  clean(
    fleet,
    'totals of its own',
    `create table ops.totals (company_id bigint primary key references iam.companies, n int not null default 0); ${guarded('ops.totals', `company_id = ${company}`)} create function ops.count() returns trigger language plpgsql ${definer} as $$ begin insert into ops.totals values (new.company_id, 1) on conflict (company_id) do update set n = totals.n + 1; return new; end $$; create trigger count after insert on ops.vehicles for each row execute function ops.count()`,
  ),
  clean(
    fleet,
    'a trail of its own',
    `create table ops.trail (id bigint generated always as identity primary key, company_id bigint not null, line jsonb not null); ${guarded('ops.trail', `company_id = ${company}`)} revoke insert, update, delete on ops.trail from ROLE; create function ops.note() returns trigger language plpgsql ${definer} as $$ begin insert into ops.trail (company_id, line) values (coalesce(new.company_id, old.company_id), to_jsonb(coalesce(new, old))); return coalesce(new, old); end $$; create trigger note after insert or update or delete on ops.vehicles for each row execute function ops.note()`,
  ),
  clean(
    ledger,
    'a reference within the tenant',
    `create table fin.zuordnung (mandant text not null, von bigint not null, nach bigint not null, primary key (mandant, von, nach), foreign key (mandant, von) references fin.buchungen (mandant, beleg), foreign key (mandant, nach) references fin.buchungen (mandant, beleg)); ${guarded('fin.zuordnung', `mandant = ${mandant}`)}`,
  ),
  clean(
    kunden,
    'a parent that is looked at',
    `create table laden.paeckchen (id int primary key, kunde_nr int not null references laden.kunden, notiz bigint references laden.notizen); ${guarded('laden.paeckchen', `kunde_nr = nullif(current_setting('shop.kunde', true), '')::int and (notiz is null or exists (select from laden.notizen n where n.id = notiz))`)}`,
  ),
  clean(
    fleet,
    'five steps down',
    `create table ops.stops (id bigint generated by default as identity primary key, trip_id bigint not null references ops.trips on delete cascade, place text); create table ops.stop_photos (id uuid primary key default gen_random_uuid(), stop_id bigint not null references ops.stops on delete cascade, url text check (url ~ '^https://')); ${guarded('ops.stops', `exists (select from ops.trips t where t.id = trip_id)`)} ${guarded('ops.stop_photos', `exists (select from ops.stops s where s.id = stop_id)`)}`,
  ),
  clean(
    fleet,
    'a domain for the tenant',
    `create domain ops.company_no as bigint check (value > 0); create table ops.counts (company_id ops.company_no not null, line int not null, primary key (company_id, line)); ${guarded('ops.counts', `company_id = ${company}`)}`,
  ),
  clean(
    workspaces,
    'no difference between nothing and nothing',
    `create table docs.labels (id int primary key, workspace_slug text not null references core.workspaces, label text, unique nulls not distinct (workspace_slug, label)); ${guarded('docs.labels', 'workspace_slug = core.current_workspace()')}`,
  ),
  clean(
    logins,
    'columns that say who',
    `alter table bank.accounts add created_by name not null default current_user; alter table bank.entries add booked_by name default session_user`,
  ),
];

/** Views, functions, and privileges that stay within. */
const aside: readonly Clean[] = [
  clean(
    ledger,
    'a view with a check',
    `create view fin.meine with (security_barrier, security_invoker) as select * from fin.konten where mandant = ${mandant} with local check option; grant select, insert, update on fin.meine to ROLE`,
  ),
  clean(
    ledger,
    'a barrier with a check, of the owner',
    `create view fin.meine with (security_barrier) as select * from fin.konten where mandant = ${mandant} with cascaded check option; grant select, insert, update, delete on fin.meine to ROLE`,
  ),
  clean(
    fleet,
    'a definer that asks first',
    `create function ops.of(which bigint) returns setof text language plpgsql stable ${definer} as $$ begin if which is distinct from ${company} then raise exception 'not yours' using errcode = '42501'; end if; return query select plate from ops.vehicles where company_id = which; end $$`,
  ),
  clean(
    fleet,
    'a definer that counts its own',
    `create function ops.how_many() returns bigint language sql stable ${definer} as $$ select count(*) from ops.vehicles where company_id = ${company} $$`,
  ),
  clean(
    ledger,
    'an invoker that asks by JSON',
    `create function fin.alles(frage jsonb) returns setof text language sql stable as $$ select bezeichnung from fin.konten where mandant = frage ->> 'mandant' $$`,
  ),
  clean(
    ledger,
    'a procedure of one’s own',
    `create procedure fin.umbuchen(a int, b text) language sql ${definer} as $$ update fin.konten set bezeichnung = b where konto = a and mandant = ${mandant} $$`,
  ),
  clean(
    ledger,
    'sets the tenant for the transaction',
    `create function fin.anmelden(wer text) returns void language sql as $$ select set_config('fin.mandant', wer, true) $$`,
  ),
  clean(
    fleet,
    'columns of which one may change',
    `revoke update on ops.vehicles from ROLE; grant update (plate, retired_at) on ops.vehicles to ROLE`,
  ),
  clean(fleet, 'only new rows', `revoke select, update, delete on ops.trips from ROLE`),
  clean(
    fleet,
    'only reading',
    `revoke insert, update, delete on ops.vehicles, ops.trips, iam.memberships, iam.people, iam.companies from ROLE`,
  ),
  clean(
    clinics,
    'a role for statistics that it cannot become',
    `create role "ROLE_bi" nologin; grant usage on schema praxis to "ROLE_bi"; grant select on praxis.befunde to "ROLE_bi"`,
  ),
  clean(
    ledger,
    'a lookup in another schema',
    `create schema ref; grant usage on schema ref to ROLE; create table ref.countries (code char(2) primary key, name text); insert into ref.countries values ('DE', 'Germany'); grant select on ref.countries to ROLE; alter table fin.konten add land char(2) references ref.countries`,
  ),
  clean(
    ledger,
    'tells only that something changed',
    `create function fin.melden() returns trigger language plpgsql as $$ begin perform pg_notify('konten', ''); return new; end $$; create trigger melden after insert on fin.konten for each row execute function fin.melden()`,
  ),
  clean(
    drawn,
    'a view of keys',
    `create view kv.keys with (security_invoker) as select key, space from kv.entries; grant select on kv.keys to ROLE`,
  ),
];

export const traps: readonly Clean[] = [...identities, ...arms, ...tables, ...aside];
