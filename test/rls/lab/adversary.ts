import type { Base } from './bases.ts';
import { claims, kunden, logins, workspaces } from './bases.ts';
import type { Hole } from './holes.ts';
import { brands, clinics, drawn, fleet, gateway, guarded, ledger, sittings } from './unlike-bases.ts';

const h = (rule: string, base: Base, where: string, name: string, sql: string, note?: true): Hole => ({
  rule,
  base,
  where,
  name,
  sql,
  ...(note && { note }),
});
const instead = (table: string, own: string) =>
  `drop policy own on ${table}; create policy own on ${table} using (${own})`;
const besides = (table: string, own: string, command = 'all') =>
  `create policy more on ${table} for ${command} using (${own})`;
const definer = 'security definer set search_path = pg_catalog';
const mandant = `nullif(current_setting('fin.mandant', true), '')`;
const company = `nullif(current_setting('fleet.company', true), '')::bigint`;

/** Whose the row is, compared by less than the whole key. */
export const nearlyEqual: readonly Hole[] = [
  h(
    'R05',
    clinics,
    'praxis.patienten',
    'one of two columns forgotten',
    instead('praxis.patienten', `nr = nullif(current_setting('med.praxis', true), '')::int`),
  ),
  h(
    'R05',
    clinics,
    'praxis.befunde',
    'the other of two columns forgotten',
    instead('praxis.befunde', `land = nullif(current_setting('med.land', true), '')`),
  ),
  h(
    'R05',
    clinics,
    'praxis.praxen',
    'or between the two',
    instead(
      'praxis.praxen',
      `land = nullif(current_setting('med.land', true), '') or nr = nullif(current_setting('med.praxis', true), '')::int`,
    ),
  ),
  h(
    'R05',
    ledger,
    'fin.konten',
    'upper and lower case are one',
    instead('fin.konten', `lower(mandant) = lower(${mandant})`),
  ),
  h(
    'R05',
    ledger,
    'fin.buchungen',
    'blanks are cut off',
    instead('fin.buchungen', `btrim(mandant) = btrim(${mandant})`),
  ),
  h(
    'R05',
    ledger,
    'fin.konten',
    'a list searched as text',
    instead('fin.konten', `current_setting('fin.mandant', true) like '%' || mandant || '%'`),
  ),
  h('R05', ledger, 'fin.konten', 'a pattern', instead('fin.konten', `mandant ~ ('^' || ${mandant})`)),
  h(
    'R05',
    ledger,
    'fin.belege',
    'the first characters only',
    instead('fin.belege', `left(mandant, 12) = left(${mandant}, 12)`),
  ),
  h(
    'R05',
    fleet,
    'ops.vehicles',
    'the first digits only',
    instead('ops.vehicles', `position(company_id::text in current_setting('fleet.company', true)) = 1`),
  ),
  h('R05', fleet, 'ops.vehicles', 'without its sign', instead('ops.vehicles', `abs(company_id) = abs(${company})`)),
  h(
    'R05',
    brands,
    'stock.articles',
    'a list compared by order',
    instead('stock.articles', `brand >= nullif(current_setting('wms.brand', true), '')::stock.brand`),
  ),
  h(
    'R10',
    ledger,
    'fin.konten',
    'nobody is the tenant with the empty name',
    instead('fin.konten', `mandant = coalesce(current_setting('fin.mandant', true), '')`),
  ),
  h(
    'R10',
    ledger,
    'fin.konten',
    'nobody is a tenant called standard',
    instead('fin.konten', `mandant = coalesce(${mandant}, 'standard')`),
  ),
  h(
    'R10',
    fleet,
    'ops.vehicles',
    'nobody is the tenant number one',
    instead('ops.vehicles', `company_id = coalesce(${company}, 1)`),
  ),
  h(
    'R10',
    claims,
    'app.items',
    'nobody is the nil tenant',
    instead('app.items', `org_id = coalesce(auth.org(), '00000000-0000-0000-0000-000000000000')`),
  ),
  h(
    'R05',
    drawn,
    'kv.entries',
    'the key begins alike',
    instead('kv.entries', `key like current_setting('kv.space', true) || '%'`),
  ),
  h('R06', drawn, 'kv.entries', 'a drawn key with a way around', besides('kv.entries', 'value is null', 'select')),
  h('R06', fleet, 'iam.people', 'people with an address', besides('iam.people', 'name is not null', 'select')),
  h(
    'R05',
    fleet,
    'iam.people',
    'members of whatever company',
    instead('iam.people', 'exists (select from iam.memberships m where m.person_id is not null)'),
  ),
  h(
    'R05',
    sittings,
    'hr.staff',
    'any sitting will do',
    instead('hr.staff', 'office is not null and hr.my_office() is not null'),
  ),
];

/** Arms of a policy that ask about something else than the tenant. */
export const arms: readonly Hole[] = [
  h(
    'R12',
    ledger,
    'fin.konten',
    'the name of the program',
    besides('fin.konten', `current_setting('application_name') = 'wartung'`),
  ),
  h(
    'R12',
    ledger,
    'fin.konten',
    'a word nobody can guess',
    besides('fin.konten', `md5(current_setting('fin.schluessel', true)) = '5ebe2294ecd0e0f08eab7690d2a6ee69'`),
  ),
  h(
    'R12',
    fleet,
    'ops.vehicles',
    'where the connection comes from',
    besides('ops.vehicles', `inet_client_addr() <<= '10.0.0.0/8'`, 'select'),
  ),
  h('R12', fleet, 'ops.vehicles', 'at night', besides('ops.vehicles', 'extract(hour from now()) = 3', 'select')),
  h(
    'R12',
    kunden,
    'laden.auftraege',
    'after a day to come',
    `drop policy own on laden.auftraege; create policy own on laden.auftraege using (kunde_nr = nullif(current_setting('shop.kunde', true), '')::int or current_date > '2031-01-01')`,
  ),
  h('R12', workspaces, 'docs.pages', 'now and then', besides('docs.pages', 'random() < 0.001', 'select')),
  h(
    'R12',
    sittings,
    'hr.staff',
    'a function that asks where one is',
    `create function hr.at_home() returns boolean language sql stable as $$ select coalesce(inet_client_addr() << '192.168.0.0/16', false) $$; ${besides('hr.staff', 'hr.at_home()')}`,
  ),
  h(
    'R12',
    ledger,
    'fin.buchungen',
    'the name of yesterday',
    besides('fin.buchungen', `mandant = current_setting('fin.mandant_alt', true)`),
  ),
  h('R06', fleet, 'iam.companies', 'the paying ones', besides('iam.companies', `plan = 'paid'`, 'select')),
  h('R06', ledger, 'fin.buchungen', 'small amounts', besides('fin.buchungen', 'betrag < 10', 'select')),
  h('R06', ledger, 'fin.buchungen', 'nothing written', besides('fin.buchungen', `coalesce(text, '') = ''`, 'select')),
  h(
    'R06',
    clinics,
    'praxis.patienten',
    'the newly born',
    besides('praxis.patienten', `geboren > now() - interval '1 year'`, 'select'),
  ),
  h(
    'R05',
    ledger,
    'fin.belege',
    'nothing is not distinct from nothing',
    `alter table fin.belege alter mandant drop not null; ${instead('fin.belege', `mandant is not distinct from ${mandant}`)}`,
  ),
  h(
    'R14',
    ledger,
    'fin.konten',
    'remembers the first tenant',
    `create function fin.wer() returns text language plpgsql stable as $$ begin if coalesce(current_setting('fin.gemerkt', true), '') = '' then perform set_config('fin.gemerkt', coalesce(current_setting('fin.mandant', true), ''), false); end if; return nullif(current_setting('fin.gemerkt', true), ''); end $$; ${instead('fin.konten', 'mandant = fin.wer()')}`,
  ),
  h(
    'R14',
    fleet,
    'ops.vehicles',
    'an immutable function below a stable one',
    `create function ops.raw() returns text language sql immutable as $$ select current_setting('fleet.company', true) $$; create function ops.mine() returns bigint language sql stable as $$ select nullif(ops.raw(), '')::bigint $$; ${instead('ops.vehicles', 'company_id = ops.mine()')}`,
  ),
];

/** Rows that get in, out, or across. */
export const crossings: readonly Hole[] = [
  h(
    'R07',
    fleet,
    'ops.audits',
    'the parent is checked, the own column is not',
    `create table ops.audits (id int generated by default as identity primary key, company_id bigint not null references iam.companies, vehicle_id bigint not null references ops.vehicles, note text); ${guarded('ops.audits', `exists (select from ops.vehicles v where v.id = vehicle_id and v.company_id = ${company})`)}`,
  ),
  h(
    'R07',
    fleet,
    'iam.memberships',
    'joins any company by himself',
    `create policy self on iam.memberships for insert with check (person_id = nullif(current_setting('fleet.person', true), '')::uuid)`,
  ),
  h(
    'R08',
    ledger,
    'fin.belege',
    'leaves by its own column',
    `drop policy own on fin.belege; create policy s on fin.belege for select using (mandant = ${mandant} or mandant = mandant and beleg < 0); create policy u on fin.belege for update using (mandant = ${mandant}) with check (datei is null or datei <> ''); alter table fin.belege drop constraint belege_mandant_beleg_fkey`,
  ),
  h(
    'R32',
    fleet,
    'ops.trips',
    'a driver of another company',
    instead(
      'ops.trips',
      `exists (select from ops.vehicles v where v.id = trips.vehicle_id and v.company_id = ${company})`,
    ),
  ),
  h(
    'R32',
    fleet,
    'ops.loans',
    'attached by a change only',
    `create table ops.loans (id int generated by default as identity primary key, company_id bigint not null references iam.companies, vehicle_id bigint references ops.vehicles); ${guarded('ops.loans', `company_id = ${company}`)} revoke insert, delete on ops.loans from ROLE`,
  ),
  h(
    'R33',
    fleet,
    'ops.vehicles',
    'what goes with it',
    `create table ops.loans (id int generated by default as identity primary key, company_id bigint not null references iam.companies, vehicle_id bigint references ops.vehicles on delete cascade); ${guarded('ops.loans', `company_id = ${company}`)}`,
  ),
  h(
    'R24',
    ledger,
    'fin.buchungen',
    'a trigger writes to everybody',
    `create table fin.summen (mandant text primary key, n int not null default 0); ${guarded('fin.summen', `mandant = ${mandant}`)} create function fin.zaehlen() returns trigger language plpgsql ${definer} as $$ begin update fin.summen set n = n + 1; return new; end $$; create trigger zaehlen after insert on fin.buchungen for each row execute function fin.zaehlen()`,
  ),
  h(
    'R24',
    ledger,
    'fin.post',
    'a trigger tells everybody',
    `create table fin.post (id int generated always as identity primary key, mandant text not null, text text); ${guarded('fin.post', `mandant = ${mandant}`)} create function fin.rundschreiben() returns trigger language plpgsql ${definer} as $$ begin insert into fin.post (mandant, text) select distinct k.mandant, new.text from fin.konten k; return new; end $$; create trigger rundschreiben after insert on fin.buchungen for each row execute function fin.rundschreiben()`,
  ),
  h(
    'R24',
    fleet,
    'ops.board',
    'a shared board of numbers',
    `create table ops.board (company bigint, last_vehicle bigint); grant select on ops.board to ROLE; create function ops.pin() returns trigger language plpgsql ${definer} as $$ begin insert into ops.board values (new.company_id, new.id); return new; end $$; create trigger pin after insert on ops.vehicles for each row execute function ops.pin()`,
  ),
  h(
    'R19',
    ledger,
    'fin.offen',
    'inserts through a view',
    `create view fin.offen as select mandant, konto, bezeichnung from fin.konten where mandant = ${mandant}; grant select, insert on fin.offen to ROLE`,
  ),
  h(
    'R19',
    ledger,
    'fin.offen',
    'moves out through a view',
    `create view fin.offen with (security_barrier) as select mandant, konto, bezeichnung from fin.konten where mandant = ${mandant}; grant select, update on fin.offen to ROLE`,
  ),
  h(
    'R19',
    kunden,
    'laden.meine',
    'a condition without a barrier',
    `create view laden.meine as select titel, status from laden.auftraege where kunde_nr = nullif(current_setting('shop.kunde', true), '')::int; grant select on laden.meine to ROLE`,
  ),
  h(
    'R19',
    fleet,
    'ops.fleet_view',
    'a view over a function',
    `create function ops.every() returns setof ops.vehicles language sql stable ${definer} as $$ select * from ops.vehicles $$; create view ops.fleet_view as select * from ops.every(); grant select on ops.fleet_view to ROLE`,
  ),
  h(
    'R20',
    fleet,
    'ops.plates',
    'materialized from a function',
    `create function ops.every() returns setof ops.vehicles language sql stable ${definer} as $$ select * from ops.vehicles $$; create materialized view ops.plates as select plate from ops.every(); grant select on ops.plates to ROLE`,
  ),
  h(
    'R21',
    clinics,
    'praxis.alt',
    'a table that inherits',
    `create table praxis.alt () inherits (praxis.befunde); grant select on praxis.alt to ROLE`,
  ),
];

/** Ways past the policies altogether. */
export const aside: readonly Hole[] = [
  h(
    'R17',
    ledger,
    'fin.alles(jsonb)',
    'asked by JSON',
    `create function fin.alles(frage jsonb) returns setof text language sql stable ${definer} as $$ select bezeichnung from fin.konten where mandant = frage ->> 'mandant' $$`,
  ),
  h(
    'R17',
    fleet,
    'ops.of(bigint[])',
    'asked by a list',
    `create function ops.of(ids bigint[]) returns setof text language sql stable ${definer} as $$ select plate from ops.vehicles where company_id = any (ids) $$`,
  ),
  h(
    'R17',
    ledger,
    'fin.umbuchen(text,text)',
    'a procedure',
    `create procedure fin.umbuchen(a text, b text) language sql ${definer} as $$ update fin.konten set bezeichnung = b where mandant = a $$`,
  ),
  h(
    'R17',
    ledger,
    'fin.als(text)',
    'becomes another and looks',
    `create function fin.als(wer text) returns setof fin.konten language plpgsql as $$ declare vorher text := current_setting('fin.mandant', true); begin perform set_config('fin.mandant', wer, true); return query select * from fin.konten; perform set_config('fin.mandant', coalesce(vorher, ''), true); end $$`,
  ),
  h(
    'R17',
    clinics,
    'praxis.suche(text)',
    'full text of everybody',
    `create function praxis.suche(wort text) returns table (treffer text) language plpgsql stable ${definer} as $$ begin return query select b.text from praxis.befunde b where b.text ilike '%' || wort || '%'; end $$`,
  ),
  h(
    'R16',
    ledger,
    'fin.konten',
    'a role it may become without having its rights',
    `create role "ROLE_pruefer" nologin; grant "ROLE_pruefer" to ROLE with inherit false; grant usage on schema fin to "ROLE_pruefer"; grant select on fin.konten to "ROLE_pruefer"; create policy pruefer on fin.konten for select to "ROLE_pruefer" using (true)`,
  ),
  h(
    'R03',
    fleet,
    'ops.vehicles',
    'a role it may become owns it',
    `create role "ROLE_eigner" nologin; grant "ROLE_eigner" to ROLE with inherit false; grant usage on schema ops to "ROLE_eigner"; alter table ops.vehicles owner to "ROLE_eigner"; alter table ops.vehicles no force row level security`,
  ),
  h('R05', gateway, 'api.todos', 'what the role it becomes sees', besides('api.todos', 'done', 'select')),
  h(
    'R01',
    gateway,
    'api.files',
    'what the role it becomes was granted',
    `create table api.files (id int primary key, tid int not null references api.tenants, path text); grant select on api.files to "ROLE_web"`,
  ),
  h(
    'R30',
    logins,
    'ROLE_t2',
    'one tenant may become another',
    `create role "ROLE_t1" login; create role "ROLE_t2" login; grant ROLE to "ROLE_t1", "ROLE_t2"; grant "ROLE_t1" to "ROLE_t2"`,
  ),
  h('R35', fleet, 'pg_statistic', 'statistics', 'grant select on pg_statistic to ROLE'),
  h(
    'R50',
    clinics,
    'praxis.bilder',
    'large objects',
    `create table praxis.bilder (id int primary key, land char(2) not null, nr int not null, inhalt oid, foreign key (land, nr) references praxis.praxen); ${guarded('praxis.bilder', `land = nullif(current_setting('med.land', true), '') and nr = nullif(current_setting('med.praxis', true), '')::int`)}`,
  ),
  h(
    'R38',
    ledger,
    'fin.melden()',
    'tells the world',
    `create function fin.melden() returns trigger language plpgsql as $$ begin perform pg_notify('konten', to_jsonb(new)::text); return new; end $$; create trigger melden after insert on fin.konten for each row execute function fin.melden()`,
    true,
  ),
  h(
    'R40',
    ledger,
    'fin.anmelden(text)',
    'sets the tenant for the connection',
    `create function fin.anmelden(wer text) returns void language sql as $$ select set_config('fin.mandant', wer, false) $$`,
  ),
  h(
    'R15',
    sittings,
    'hr.sittings',
    'who one is, one says oneself',
    'grant select, insert, update on hr.sittings to ROLE',
  ),
  h(
    'R15',
    ledger,
    'fin.vertreter',
    'a writable list behind a function',
    `create table fin.vertreter (wer text, fuer text); grant insert on fin.vertreter to ROLE; create function fin.auch(wen text) returns boolean language sql stable ${definer} as $$ select exists (select from fin.vertreter v where v.wer = current_setting('fin.mandant', true) and v.fuer = wen) $$; ${besides('fin.konten', 'fin.auch(mandant)', 'select')}`,
  ),
];

export const adversary: readonly Hole[] = [...nearlyEqual, ...arms, ...crossings, ...aside];
