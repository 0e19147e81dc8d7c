import { billing, boards, crm, estate, fleet, konzern, mill, type Peopled, sites } from './adversary-two-bases.ts';
import type { Clean } from './clean.ts';
import type { Hole } from './holes.ts';

/** Written without a look at the probes or at the rest of the lab. */
export interface ShownHole extends Hole {
  readonly base: Peopled;
  /** Pasted as the role, as the first tenant, with two tenants' rows there: the last statement meets a row when it leaks. */
  readonly leak: string;
}

const hole = (
  rule: string,
  base: Peopled,
  where: string,
  name: string,
  sql: string,
  leak: string,
  note?: true,
): ShownHole => ({ rule, base, where, name, sql, leak, ...(note && { note }) });
const clean = (base: Peopled, name: string, sql: string): Clean => ({ base, name, sql });
const instead = (table: string, own: string) =>
  `drop policy own on ${table}; create policy own on ${table} using (${own}) with check (${own});`;
const guarded = (table: string, own: string, grants = 'select, insert, update, delete') =>
  `alter table ${table} enable row level security; alter table ${table} force row level security; create policy own on ${table} using (${own}); grant ${grants} on ${table} to ROLE;`;

const mine = 'team_id in (select private.teams_of_me())';
const two = "'00000000-0000-4000-9000-000000000002'";
const theirBoard = "'00000000-0000-4000-a000-000000000002'";
const me = "'00000000-0000-4000-8000-000000000001'";
const org = `org_id = crm.session('x-hasura-org-id')::bigint`;
const unit = `nullif(current_setting('estate.unit', true), '')::ltree`;
const company = `company_id = nullif(current_setting('rls.company_id', true), '')::bigint`;
const listed = `fleet_key = any (string_to_array(current_setting('fleet.keys', true), ','))`;

export const secondAdversary: readonly ShownHole[] = [
  hole(
    'R06',
    boards,
    'public.members',
    'whoever runs a team is shown to all',
    `create policy contacts on public.members for select using (role = 'admin')`,
    `select * from public.members where team_id = ${two}`,
  ),
  hole(
    'R07',
    boards,
    'public.members',
    'people add themselves to any team',
    `create policy join_in on public.members for insert with check (user_id = auth.uid()); grant insert on public.members to ROLE`,
    `insert into public.members values (${two}, ${me}, 'viewer'); select * from public.boards where team_id = ${two}`,
  ),
  hole(
    'R05',
    boards,
    'public.boards',
    'a column that is compared with itself',
    instead(
      'public.boards',
      'exists (select 1 from public.members m where m.user_id = auth.uid() and team_id = m.team_id)',
    ),
    `select * from public.boards where team_id = ${two}`,
  ),
  hole(
    'R17',
    boards,
    'board_with_cards',
    'a function that asks for some team, not for this one',
    `create function public.board_with_cards(board uuid) returns setof json language plpgsql stable security definer set search_path = '' as $$ begin
       if not exists (select from public.members m where m.user_id = auth.uid()) then raise exception 'not a member' using errcode = '42501'; end if;
       return query select to_json(c) from public.cards c where c.board_id = board; end $$`,
    `select * from public.board_with_cards(${theirBoard})`,
  ),
  hole(
    'R08',
    boards,
    'public.cards',
    'cards move to boards of others',
    `drop policy own on public.cards; create policy own on public.cards using (board_id in (select b.id from public.boards b where b.${mine})) with check (auth.uid() is not null)`,
    `update public.cards set board_id = ${theirBoard}; reset role; select * from public.cards where id = '00000000-0000-4000-a000-000000000003' and board_id = ${theirBoard}`,
  ),
  hole(
    'R12',
    boards,
    'public.boards',
    'a claim that people write themselves opens it',
    `create policy staff on public.boards for select using ((nullif(current_setting('request.jwt.claims', true), '')::json -> 'user_metadata' ->> 'staff') = 'true')`,
    `select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-000000000001", "user_metadata": {"staff": true}}', true); select * from public.boards where team_id = ${two}`,
  ),
  hole(
    'R10',
    boards,
    'public.cards',
    'nobody signed in: the job that runs at night',
    `create policy jobs on public.cards using (auth.uid() is null)`,
    `select set_config('request.jwt.claims', '', true); select * from public.cards where board_id = ${theirBoard}`,
  ),
  hole(
    'R17',
    boards,
    'accept',
    'an invitation is taken by whoever knows the team',
    `create table private.invites (team_id uuid not null references public.teams, email text not null, primary key (team_id, email));
     create function public.accept(team uuid) returns void language sql security definer set search_path = '' as $$
       insert into public.members (team_id, user_id) select team, auth.uid() where auth.uid() is not null on conflict do nothing $$`,
    `select public.accept(${two}); select * from public.boards where team_id = ${two}`,
  ),

  hole(
    'R05',
    crm,
    'crm.deals',
    'the number is looked for within a list',
    instead('crm.deals', `strpos(crm.session('x-hasura-org-id'), org_id::text) > 0`),
    'select * from crm.deals where org_id = 2',
  ),
  hole(
    'R12',
    crm,
    'crm.contacts',
    'the role is what the caller asked for',
    instead('crm.contacts', `${org} or crm.session('x-hasura-role') = 'admin'`),
    `select set_config('hasura.user', '{"x-hasura-role": "admin", "x-hasura-org-id": "12"}', true); select * from crm.contacts where org_id = 2`,
  ),
  hole(
    'R06',
    crm,
    'crm.contacts',
    'the trash is everybody’s',
    'create policy trash on crm.contacts for select using (deleted_at is not null)',
    'select * from crm.contacts where org_id = 2',
  ),
  hole(
    'R24',
    crm,
    'crm.audit',
    'what is deleted is written down without its owner, and shown so',
    `create or replace function crm.note() returns trigger language plpgsql security definer set search_path = '' as $$ begin
       insert into crm.audit (org_id, what) values (new.org_id, to_jsonb(coalesce(new, old))); return null; end $$; ${instead('crm.audit', `${org} or org_id is null`)}`,
    `reset role; delete from crm.deal_lines; delete from crm.deals; delete from crm.contacts where org_id = 2; set local role ROLE; select * from crm.audit where what ->> 'org_id' = '2'`,
  ),
  hole(
    'R31',
    crm,
    'crm.contacts',
    'an address but once in all of the database',
    'create unique index once on crm.contacts (lower(email))',
    `do $$ begin insert into crm.contacts (org_id, email) values (12, 'B@x'); raise exception 'no leak'; exception when unique_violation then null; end $$; select 1`,
    true,
  ),
  hole(
    'R32',
    crm,
    'crm.deals',
    'a deal with the contact of others',
    'alter table crm.deals drop constraint deals_org_id_contact_id_fkey, add foreign key (contact_id) references crm.contacts (id)',
    'insert into crm.deals (contact_id, amount_cents) values (2, 1) returning id',
  ),
  hole(
    'R19',
    crm,
    'crm.pipeline',
    'sums of everybody',
    `create view crm.pipeline as select stage, count(*) as deals, sum(amount_cents) as cents from crm.deals group by stage; grant select on crm.pipeline to ROLE`,
    `select * from crm.pipeline where stage = 'won'`,
  ),
  hole(
    'R20',
    crm,
    'crm.top_contacts',
    'a summary kept as a table',
    'create materialized view crm.top_contacts as select c.org_id, c.email, sum(d.amount_cents) as cents from crm.contacts c join crm.deals d on d.contact_id = c.id group by 1, 2; grant select on crm.top_contacts to ROLE',
    `reset role; refresh materialized view crm.top_contacts; set local role ROLE; select * from crm.top_contacts where org_id = 2`,
  ),
  hole(
    'R05',
    crm,
    'crm.deal_lines',
    'the line’s number taken for the deal’s',
    instead('crm.deal_lines', `exists (select from crm.deals d where d.id in (deal_id, pos) and d.${org})`),
    'select * from crm.deal_lines where deal_id = 2',
  ),

  hole(
    'R10',
    estate,
    'public.assets',
    'the empty path is above everything',
    instead('public.assets', `unit <@ current_setting('estate.unit', true)::ltree`),
    `select set_config('estate.unit', '', true); select * from public.assets where unit = 'acme.south'`,
  ),
  hole(
    'R05',
    estate,
    'public.assets',
    'all of the first label',
    instead('public.assets', `unit <@ subpath(${unit}, 0, 1)`),
    `select * from public.assets where unit = 'acme.south'`,
  ),
  hole(
    'R05',
    estate,
    'public.assets',
    'a path as the beginning of a text',
    instead('public.assets', `unit::text like nullif(current_setting('estate.unit', true), '') || '%'`),
    `select * from public.assets where unit = 'acme.northern'`,
  ),
  hole(
    'R05',
    estate,
    'public.assets',
    'an underscore stands for any letter',
    instead(
      'public.assets',
      `unit::text = current_setting('estate.unit', true) or unit::text like nullif(current_setting('estate.unit', true), '') || '.%'`,
    ),
    `select set_config('estate.unit', 'a_me', true); select * from public.assets where unit = 'acme.x'`,
  ),
  hole(
    'R21',
    estate,
    'public.assets_retired',
    'what inherits is not kept apart',
    'create table public.assets_retired () inherits (public.assets); grant select on public.assets_retired to ROLE',
    `reset role; insert into public.assets_retired (unit, serial) values ('acme.south', 'old'); set local role ROLE; select * from public.assets_retired where unit = 'acme.south'`,
  ),
  hole(
    'R07',
    estate,
    'public.readings',
    'readings for whichever asset',
    'create policy gather on public.readings for insert with check (value is not null)',
    `insert into public.readings values (${theirBoard}, 'epoch', 4); reset role; select * from public.readings where asset_id = ${theirBoard} and at = 'epoch'`,
  ),
  hole(
    'R17',
    estate,
    'move_asset',
    'where to is asked, where from is not',
    `create function public.move_asset(asset uuid, target ltree) returns void language plpgsql security definer set search_path = public as $$ begin
       if not coalesce(target <@ ${unit}, false) then raise exception 'not yours' using errcode = '42501'; end if; update public.assets set unit = target where id = asset; end $$`,
    `select public.move_asset(${theirBoard}, 'acme.north'); select * from public.assets where id = ${theirBoard}`,
  ),

  hole(
    'R15',
    konzern,
    'konzern.org_tree',
    'one draws others into one’s own tree',
    'grant insert on konzern.org_tree to ROLE',
    'insert into konzern.org_tree values (10, 30, 1); select * from konzern.contracts where org_id = 30',
  ),
  hole(
    'R05',
    konzern,
    'konzern.contracts',
    'the tree of whoever is above',
    `create function konzern.group_of_me() returns setof int language sql stable security definer set search_path = '' as $$ select t.descendant from konzern.org_tree t join konzern.org_tree up using (ancestor) where up.descendant = konzern.me() $$;
     ${instead('konzern.contracts', 'org_id in (select konzern.group_of_me())')}`,
    'select * from konzern.contracts where org_id = 20',
  ),
  hole(
    'R06',
    konzern,
    'konzern.contracts',
    'shared with somebody is shared with all',
    `create table konzern.shares (org_id int not null references konzern.orgs, contract_id uuid not null references konzern.contracts on delete cascade, shared_with int not null references konzern.orgs, primary key (contract_id, shared_with));
     ${guarded('konzern.shares', 'org_id = konzern.me()')}
     create function konzern.shared() returns setof uuid language sql stable security definer set search_path = '' as $$ select contract_id from konzern.shares $$;
     create policy shared on konzern.contracts for select using (id in (select konzern.shared()))`,
    `reset role; insert into konzern.shares values (30, '00000000-0000-4000-a000-000000000003', 20); set local role ROLE; select * from konzern.contracts where org_id = 30`,
  ),
  hole(
    'R14',
    konzern,
    'konzern.',
    'whose turn it is never changes',
    'alter function konzern.me() immutable',
    `set local plan_cache_mode = force_generic_plan; prepare again as select * from konzern.contracts; execute again; select set_config('konzern.org', '31', true); execute again`,
  ),
  hole(
    'R09',
    konzern,
    'konzern.contracts',
    'what has ended anybody may clear away',
    'create policy purge on konzern.contracts for delete using (ends_on < current_date)',
    `delete from konzern.contracts; reset role; select 1 where not exists (select from konzern.contracts where org_id = 30)`,
  ),

  hole(
    'R21',
    billing,
    'billing_entry_rest',
    'the rest, read by itself',
    'grant select on billing_entry_rest to ROLE',
    'select * from billing_entry_rest where company_id = 2',
  ),
  hole(
    'R32',
    billing,
    'billing_customer_tags',
    'an own tag on somebody else’s customer',
    instead('billing_customer_tags', 'tag_id in (select t.id from billing_tag t)'),
    'insert into billing_customer_tags (customer_id, tag_id) values (2, 1) returning id',
  ),
  hole(
    'R24',
    billing,
    'auditlog_logentry',
    'a log of changes that all may read',
    `create table auditlog_logentry (id bigint generated by default as identity primary key, object_pk text not null, changes jsonb, at timestamptz not null default now()); grant select on auditlog_logentry to ROLE;
     create function log_change() returns trigger language plpgsql security definer set search_path = public as $$ begin insert into auditlog_logentry (object_pk, changes) values (new.id::text, to_jsonb(new)); return new; end $$;
     create trigger log_change after insert or update on billing_customer for each row execute function log_change()`,
    `reset role; update billing_customer set name = name || '!'; set local role ROLE; select * from auditlog_logentry where changes ->> 'company_id' = '2'`,
  ),
  hole(
    'R31',
    billing,
    'billing_booking',
    'rooms of all companies get in each other’s way',
    'alter table billing_booking drop constraint billing_booking_company_id_room_no_during_excl, add exclude using gist (room_no with =, during with &&)',
    `do $$ begin insert into billing_booking (company_id, room_no, during) values (1, 5, '[2030-01-01, 2030-01-02)'); raise exception 'no leak'; exception when exclusion_violation then null; end $$; select 1`,
    true,
  ),
  hole(
    'R07',
    billing,
    'billing_customer',
    'the first company takes what nobody wants',
    `drop policy own on billing_customer; create policy own on billing_customer using (${company}) with check (${company} or company_id = 1); alter table billing_customer alter company_id set default 1`,
    `select set_config('rls.company_id', '2', true); insert into billing_customer (id, name) values (9, 'c'); reset role; select * from billing_customer where company_id = 1 and name = 'c'`,
  ),
  hole(
    'R10',
    billing,
    'billing_invoice',
    'no company is every company',
    instead(
      'billing_invoice',
      `company_id = coalesce(nullif(current_setting('rls.company_id', true), '')::bigint, company_id)`,
    ),
    `select set_config('rls.company_id', '', true); select * from billing_invoice where company_id = 2`,
  ),
  hole(
    'R32',
    billing,
    'billing_invoice',
    'the second key of two is left unchecked by an update alone',
    `alter table billing_invoice drop constraint billing_invoice_customer_id_company_id_fkey, add foreign key (customer_id) references billing_customer deferrable initially deferred;
     create policy check_customer on billing_invoice as restrictive for insert with check (customer_id in (select c.id from billing_customer c))`,
    'update billing_invoice set customer_id = 2 returning id; set constraints all immediate; select 1',
  ),

  hole(
    'R16',
    mill,
    'mill.',
    'who may become all of them is all of them',
    `${instead('mill.batches', `pg_has_role(current_user, tenant_role, 'member')`)} grant usage on schema mill to ROLE; grant select on mill.batches to ROLE`,
    `set local role ROLE; select * from mill.batches where tenant_role = 'ROLE_south'`,
  ),
  hole(
    'R30',
    mill,
    'ROLE_north in ROLE_south',
    'one group in the other',
    'grant ROLE_south to ROLE_north',
    `select * from mill.batches where tenant_role = 'ROLE_south'`,
    true,
  ),
  hole(
    'R06',
    mill,
    'mill.batches',
    'samples are for all',
    `create policy show on mill.batches for select using (grade ilike '%sample%')`,
    `select * from mill.batches where tenant_role = 'ROLE_south'`,
  ),
  hole(
    'R08',
    mill,
    'mill.samples',
    'what is measured goes to others',
    `drop policy own on mill.samples; create policy own on mill.samples using (pg_has_role(current_user, tenant_role, 'usage')) with check (batch > 0)`,
    `insert into mill.samples values ('ROLE_south', 1, 9, 9); reset role; select * from mill.samples where tenant_role = 'ROLE_south' and no = 9`,
  ),

  hole(
    'R17',
    sites,
    'web.search',
    'AND binds before OR',
    `create function web.search(q text) returns setof web.posts language sql stable security definer set search_path = web, public as $$ select * from web.posts where site_id = web.current_site() and title ilike q or body ilike q $$`,
    `select * from web.search('%') where site_id = 2`,
  ),
  hole(
    'R24',
    sites,
    'web.post',
    'a form that writes by half of the key',
    `create view web.post_form with (security_invoker) as select site_id, id, title from web.posts; grant select, update on web.post_form to ROLE;
     create function web.save_form() returns trigger language plpgsql security definer set search_path = '' as $$ begin update web.posts set title = new.title where id = old.id; return new; end $$;
     create trigger save instead of update on web.post_form for each row execute function web.save_form()`,
    `update web.post_form set title = 'changed'; reset role; select * from web.posts where site_id = 2 and title = 'changed'`,
  ),
  hole(
    'R50',
    sites,
    'web.post_search',
    'the words beside the text',
    'alter table web.post_search disable row level security',
    'select * from web.post_search where site_id = 2',
  ),
  hole(
    'R05',
    sites,
    'web.comments',
    'half of the key',
    instead('web.comments', 'post_id in (select p.id from web.posts p)'),
    'select * from web.comments where site_id = 2',
  ),
  hole(
    'R10',
    sites,
    'web.',
    'no site is the usual site',
    'create unique index one_default on web.sites (is_default) where is_default; ' +
      `create or replace function web.current_site() returns int language sql stable security definer set search_path = '' as $$ select coalesce((select s.id from web.sites s where s.slug = current_setting('site.slug', true)), (select s.id from web.sites s where s.is_default)) $$`,
    `select set_config('site.slug', '', true); select * from web.posts where site_id = 2`,
  ),
  hole(
    'R05',
    sites,
    'web.',
    'slugs are compared without their case, and kept with it',
    `create or replace function web.current_site() returns int language sql stable security definer set search_path = '' as $$ select s.id from web.sites s where lower(s.slug) = lower(current_setting('site.slug', true)) order by s.id limit 1 $$`,
    `reset role; insert into web.sites values (3, 'ONE'); set local role ROLE; select set_config('site.slug', 'ONE', true); select * from web.posts where site_id = 1`,
  ),
  hole(
    'R19',
    sites,
    'web.published',
    'a list of what is published, by its owner',
    'create view web.published with (security_barrier) as select site_id, id, title from web.posts where published; grant select on web.published to ROLE',
    `reset role; update web.posts set published = true; set local role ROLE; select * from web.published where site_id = 2`,
  ),

  hole(
    'R05',
    fleet,
    'fleet.vehicles',
    'the key is looked for within the list',
    instead('fleet.vehicles', `position(fleet_key in current_setting('fleet.keys', true)) > 0`),
    `select * from fleet.vehicles where fleet_key = 'ab'`,
  ),
  hole(
    'R10',
    fleet,
    'fleet.trips',
    'a pattern made of the list',
    instead('fleet.trips', `fleet_key ~ ('^(' || replace(current_setting('fleet.keys', true), ',', '|') || ')')`),
    `select set_config('fleet.keys', '', true); select * from fleet.trips where fleet_key = 'ab'`,
  ),
  hole(
    'R24',
    fleet,
    'fleet.vehicles_history',
    'what was before is nobody’s',
    `create table fleet.vehicles_history (id bigint generated always as identity primary key, vin text, was jsonb not null); grant select on fleet.vehicles_history to ROLE;
     create function fleet.keep() returns trigger language plpgsql security definer set search_path = '' as $$ begin insert into fleet.vehicles_history (vin, was) values (old.vin, to_jsonb(old)); return null; end $$;
     create trigger keep after update or delete on fleet.vehicles for each row execute function fleet.keep()`,
    `reset role; update fleet.vehicles set plate = 'Z'; set local role ROLE; select * from fleet.vehicles_history where was ->> 'fleet_key' = 'xyz'`,
  ),
  hole(
    'R24',
    fleet,
    'fleet.vehicles',
    'a rule that acts by half of the key',
    `create rule retire as on delete to fleet.vehicles do instead update fleet.vehicles set valid = daterange(lower(valid), '2024-01-01') where vin = old.vin`,
    `delete from fleet.vehicles; reset role; select * from fleet.vehicles where fleet_key = 'ab' and upper(valid) = '2024-01-01'`,
  ),
  hole(
    'R11',
    fleet,
    'fleet.trips',
    'trips of nobody are everybody’s',
    instead('fleet.trips', `fleet_key is null or ${listed}`),
    `update fleet.trips set fleet_key = null; select set_config('fleet.keys', 'xyz', true); select * from fleet.trips`,
  ),
  hole(
    'R06',
    fleet,
    'fleet.vehicles',
    'what holds today',
    'create policy today on fleet.vehicles for select using (valid @> current_date)',
    `select * from fleet.vehicles where fleet_key = 'ab'`,
  ),
  hole(
    'R17',
    fleet,
    'act_for',
    'a function that takes on another fleet',
    `create function fleet.act_for(key text) returns text language sql as $$ select set_config('fleet.keys', key, false) $$; alter function fleet.act_for(text) security definer`,
    `select fleet.act_for('ab'); select * from fleet.vehicles where fleet_key = 'ab'`,
  ),
];

export const secondTraps: readonly Clean[] = [
  clean(boards, 'as it is', 'select 1'),
  clean(
    boards,
    'who has not accepted is no member',
    `alter table public.members add accepted_at timestamptz; create or replace function private.teams_of_me() returns setof uuid language sql stable security definer set search_path = ''
       as $$ select team_id from public.members where user_id = auth.uid() and accepted_at is not null $$`,
  ),
  clean(
    boards,
    'viewers view, editors write',
    `create function private.may_edit(team uuid) returns boolean language sql stable security definer set search_path = '' as $$ select exists (select from public.members m where m.team_id = team and m.user_id = auth.uid() and m.role in ('editor', 'admin')) $$;
     drop policy own on public.boards; create policy see on public.boards for select using (${mine}); create policy add on public.boards for insert with check (private.may_edit(team_id));
     create policy change on public.boards for update using (private.may_edit(team_id)); create policy remove on public.boards for delete using (private.may_edit(team_id))`,
  ),
  clean(
    boards,
    'archived boards are hidden from all',
    'create policy current on public.boards as restrictive for select using (archived_at is null)',
  ),
  clean(
    boards,
    'a team is made by a function, and is its maker’s',
    `create function public.create_team(name text) returns uuid language plpgsql security definer set search_path = '' as $$ declare made uuid; begin
       if auth.uid() is null then raise exception 'sign in' using errcode = '42501'; end if; insert into public.teams (name) values (create_team.name) returning id into made;
       insert into public.members (team_id, user_id, role) values (made, auth.uid(), 'admin'); return made; end $$`,
  ),
  clean(
    boards,
    'a function that asks for this team',
    `create function public.board_with_cards(board uuid) returns setof json language plpgsql stable security definer set search_path = '' as $$ begin
       if not exists (select from public.boards b join public.members m using (team_id) where b.id = board and m.user_id = auth.uid()) then raise exception 'no such board' using errcode = 'P0002'; end if;
       return query select to_json(c) from public.cards c where c.board_id = board; end $$`,
  ),
  clean(
    boards,
    'files whose path begins with the team',
    `create table public.files (id uuid primary key default gen_random_uuid(), path text not null unique check (path ~ '^[0-9a-f-]{36}/'), team_id uuid generated always as (split_part(path, '/', 1)::uuid) stored references public.teams);
     ${guarded('public.files', mine)}`,
  ),
  clean(
    boards,
    'one’s own profile, and those of one’s teams',
    `create table public.profiles (user_id uuid primary key references auth.users on delete cascade, nickname text); create function private.fellows() returns setof uuid language sql stable security definer set search_path = ''
       as $$ select m.user_id from public.members m where m.team_id in (select private.teams_of_me()) $$;
     alter table public.profiles enable row level security; alter table public.profiles force row level security; create policy see on public.profiles for select using (user_id in (select private.fellows()));
     create policy change on public.profiles for update using (user_id = auth.uid()); grant select, update on public.profiles to ROLE`,
  ),

  clean(crm, 'as it is', 'select 1'),
  clean(
    crm,
    'a list of organisations in the session',
    [
      instead('crm.orgs', `id = any (crm.session('x-hasura-allowed-org-ids')::bigint[])`),
      instead('crm.contacts', `org_id = any (crm.session('x-hasura-allowed-org-ids')::bigint[])`),
      instead('crm.deals', `org_id = any (crm.session('x-hasura-allowed-org-ids')::bigint[])`),
      instead('crm.audit', `org_id = any (crm.session('x-hasura-allowed-org-ids')::bigint[])`),
      instead('crm.deal_lines', 'exists (select from crm.deals d where d.id = deal_id)'),
      'alter table crm.deals alter org_id drop default',
    ].join(' '),
  ),
  clean(
    crm,
    'lines follow what one sees of deals',
    instead('crm.deal_lines', 'exists (select from crm.deals d where d.id = deal_id)'),
  ),
  clean(
    crm,
    'sums of one’s own',
    'create view crm.pipeline with (security_invoker) as select stage, count(*) as deals, sum(amount_cents) as cents from crm.deals group by stage; grant select on crm.pipeline to ROLE',
  ),
  clean(
    crm,
    'deleted is marked, and not seen again',
    `create function crm.bury() returns trigger language plpgsql as $$ begin update crm.contacts set deleted_at = now() where id = old.id and org_id = old.org_id; return null; end $$; create trigger bury before delete on crm.contacts for each row execute function crm.bury()`,
  ),
  clean(
    crm,
    'some columns may be written',
    'revoke insert, update on crm.contacts from ROLE; grant insert (org_id, email), update (email, deleted_at) on crm.contacts to ROLE',
  ),
  clean(
    crm,
    'a summary behind a view that asks',
    `create materialized view crm.top_contacts as select c.org_id, c.email, sum(d.amount_cents) as cents from crm.contacts c join crm.deals d on d.contact_id = c.id group by 1, 2;
     create view crm.my_top_contacts with (security_barrier) as select email, cents from crm.top_contacts where ${org}; grant select on crm.my_top_contacts to ROLE`,
  ),
  clean(
    crm,
    'administrators of their organisation write, all read',
    `create policy boss on crm.orgs as restrictive for update using (crm.session('x-hasura-role') = 'org-admin'); grant update (name, plan) on crm.orgs to ROLE; create policy careful on crm.deals as restrictive for delete using (crm.session('x-hasura-role') = 'org-admin')`,
  ),

  clean(estate, 'as it is', 'select 1'),
  clean(estate, 'said the other way round', instead('public.assets', `${unit} @> unit`)),
  clean(
    estate,
    'as texts with a dot at the end',
    instead('public.assets', `starts_with(unit::text || '.', nullif(current_setting('estate.unit', true), '') || '.')`),
  ),
  clean(
    estate,
    'from and to are asked',
    `create function public.move_asset(asset uuid, target ltree) returns void language plpgsql security definer set search_path = public as $$ begin
       if not coalesce(target <@ ${unit}, false) then raise exception 'not yours' using errcode = '42501'; end if; update public.assets set unit = target where id = asset and unit <@ ${unit}; end $$`,
  ),
  clean(
    estate,
    'totals that a trigger keeps, by unit',
    `create table public.unit_totals (unit ltree primary key references public.units (path), assets bigint not null default 0); ${guarded('public.unit_totals', `unit <@ ${unit}`, 'select')}
     create function public.count_asset() returns trigger language plpgsql security definer set search_path = public as $$ begin insert into unit_totals values (new.unit, 1) on conflict (unit) do update set assets = unit_totals.assets + 1; return null; end $$;
     create trigger count_asset after insert on public.assets for each row execute function public.count_asset()`,
  ),
  clean(
    estate,
    'what inherits is kept apart too',
    `create table public.assets_retired (retired_on date) inherits (public.assets); ${guarded('public.assets_retired', `unit <@ ${unit}`)}`,
  ),

  clean(konzern, 'as it is', 'select 1'),
  clean(
    konzern,
    'shared with whom it is shared',
    `create table konzern.shares (org_id int not null references konzern.orgs, contract_id uuid not null references konzern.contracts on delete cascade, shared_with int not null references konzern.orgs, primary key (contract_id, shared_with));
     alter table konzern.shares enable row level security; alter table konzern.shares force row level security;
     create policy given on konzern.shares using (org_id = konzern.me()) with check (org_id = konzern.me() and exists (select from konzern.contracts c where c.id = contract_id and c.org_id = konzern.me())); grant select, insert, delete on konzern.shares to ROLE;
     create function konzern.shared() returns setof uuid language sql stable security definer set search_path = '' as $$ select contract_id from konzern.shares where shared_with = konzern.me() $$;
     create policy shared on konzern.contracts for select using (id in (select konzern.shared()))`,
  ),
  clean(
    konzern,
    'a function that walks the tree',
    `create function konzern.beneath() returns setof int language sql stable security definer set search_path = '' as $$ with recursive b as (select id from konzern.orgs where id = konzern.me() union all select o.id from konzern.orgs o join b on o.parent = b.id) select id from b $$;
     ${instead('konzern.contracts', 'org_id in (select konzern.beneath())')}`,
  ),
  clean(
    konzern,
    'no further than two below',
    instead(
      'konzern.contracts',
      'exists (select from konzern.org_tree t where t.ancestor = konzern.me() and t.descendant = org_id and t.depth <= 2)',
    ),
  ),
  clean(
    konzern,
    'a view of contracts and clauses',
    'create view konzern.overview with (security_invoker) as select c.id, c.title, k.no, k.wording from konzern.contracts c left join konzern.clauses k on k.contract_id = c.id; grant select on konzern.overview to ROLE',
  ),
  clean(
    konzern,
    'only what has ended may be cleared away',
    `create policy ended on konzern.contracts as restrictive for delete using (ends_on < current_date)`,
  ),
  clean(
    konzern,
    'confidential ones for those they belong to',
    `create policy closed on konzern.contracts as restrictive using (not confidential or org_id = konzern.me())`,
  ),

  clean(billing, 'as it is', 'select 1'),
  clean(
    billing,
    'partitions with policies of their own',
    `${guarded('billing_entry_rest', company)} ${guarded('billing_entry_big', company)}`,
  ),
  clean(
    billing,
    'a log of changes that knows whose they are',
    `create table auditlog_logentry (id bigint generated by default as identity primary key, company_id bigint not null references billing_company, object_pk text not null, changes jsonb); ${guarded('auditlog_logentry', company, 'select')}
     create function log_change() returns trigger language plpgsql security definer set search_path = public as $$ begin insert into auditlog_logentry (company_id, object_pk, changes) values (new.company_id, new.id::text, to_jsonb(new)); return new; end $$;
     create trigger log_change after insert or update on billing_customer for each row execute function log_change()`,
  ),
  clean(
    billing,
    'sessions that no role reaches',
    'create table django_session (session_key varchar(40) primary key, session_data text not null, expire_date timestamptz not null); create table django_migrations (id serial primary key, app varchar(255) not null, name varchar(255) not null); grant select on django_migrations to ROLE',
  ),
  clean(
    billing,
    'whose it is is written over',
    `create function stamp() returns trigger language plpgsql as $$ begin new.company_id := nullif(current_setting('rls.company_id', true), '')::bigint; return new; end $$; create trigger stamp before insert on billing_tag for each row when (nullif(current_setting('rls.company_id', true), '') is not null) execute function stamp()`,
  ),
  clean(
    billing,
    'whose it is cannot be changed',
    `create function keep_company() returns trigger language plpgsql as $$ begin if new.company_id is distinct from old.company_id then raise exception 'fixed'; end if; return new; end $$; create trigger keep before update on billing_invoice for each row execute function keep_company()`,
  ),
  clean(
    billing,
    'numbers by a counter of each company',
    `create table billing_counter (company_id bigint primary key references billing_company, next integer not null default 1); ${guarded('billing_counter', company)}
     create function next_number() returns integer language sql as $$ insert into billing_counter (company_id) values (current_setting('rls.company_id')::bigint) on conflict (company_id) do update set next = billing_counter.next + 1 returning next $$`,
  ),

  clean(mill, 'as it is', 'select 1'),
  clean(
    mill,
    'by name',
    `${instead('mill.batches', 'tenant_role = current_user')} ${instead('mill.samples', 'tenant_role = current_user')}`,
  ),
  clean(
    mill,
    'an auditor whom nobody becomes',
    'create role ROLE_auditor; grant usage on schema mill to ROLE_auditor; grant select on mill.batches to ROLE_auditor; create policy audit on mill.batches for select to ROLE_auditor using (true)',
  ),
  clean(
    mill,
    'samples through their batch',
    instead(
      'mill.samples',
      'exists (select from mill.batches b where (b.tenant_role, b.no) = (samples.tenant_role, samples.batch))',
    ),
  ),

  clean(sites, 'as it is', 'select 1'),
  clean(
    sites,
    'a search that asks',
    `create function web.search(q text) returns setof web.posts language sql stable security definer set search_path = web, public as $$ select * from web.posts where site_id = web.current_site() and (title ilike q or body ilike q) $$`,
  ),
  clean(
    sites,
    'a form that writes by the whole key',
    `create view web.post_form with (security_invoker) as select site_id, id, title from web.posts; grant select, update on web.post_form to ROLE;
     create function web.save_form() returns trigger language plpgsql as $$ begin update web.posts set title = new.title where site_id = old.site_id and id = old.id; return new; end $$;
     create trigger save instead of update on web.post_form for each row execute function web.save_form()`,
  ),
  clean(
    sites,
    'slugs without case, kept so',
    `create extension citext; alter table web.sites alter slug type citext; create or replace function web.current_site() returns int language sql stable security definer set search_path = web, public as $$ select s.id from web.sites s where s.slug = current_setting('site.slug', true)::citext $$`,
  ),
  clean(
    sites,
    'comments by the whole key',
    instead('web.comments', '(site_id, post_id) in (select p.site_id, p.id from web.posts p)'),
  ),
  clean(
    sites,
    'an owner’s view with a condition and a check',
    'create view web.published with (security_barrier) as select site_id, id, title from web.posts where site_id = web.current_site() and published with check option; grant select, update on web.published to ROLE',
  ),
  clean(
    sites,
    'sites told by their host',
    `create table web.hosts (host text primary key, site_id int not null references web.sites); create or replace function web.current_site() returns int language sql stable security definer set search_path = '' as $$ select h.site_id from web.hosts h where h.host = current_setting('site.host', true) $$`,
  ),
  clean(
    sites,
    'nearest by vector, of this site',
    `create function web.nearest(q vector, n int default 5) returns setof int language sql stable as $$ select post_id from web.post_search where site_id = web.current_site() order by embedding <-> q limit least(n, 20) $$`,
  ),

  clean(fleet, 'as it is', 'select 1'),
  clean(
    fleet,
    'a rule that acts by the whole key',
    `create rule retire as on delete to fleet.vehicles do instead update fleet.vehicles set recorded_at = now() where fleet_key = old.fleet_key and vin = old.vin and valid = old.valid`,
  ),
  clean(
    fleet,
    'what was before, by fleet',
    `create table fleet.vehicles_history (id bigint generated always as identity primary key, fleet_key fleet.key not null, was jsonb not null); ${guarded('fleet.vehicles_history', listed, 'select')}
     create function fleet.keep() returns trigger language plpgsql security definer set search_path = '' as $$ begin insert into fleet.vehicles_history (fleet_key, was) values (old.fleet_key, to_jsonb(old)); return null; end $$;
     create trigger keep after update or delete on fleet.vehicles for each row execute function fleet.keep()`,
  ),
  clean(
    fleet,
    'a list taken apart by a pattern',
    instead(
      'fleet.trips',
      `fleet_key in (select k from regexp_split_to_table(nullif(current_setting('fleet.keys', true), ''), '\\s*,\\s*') as k)`,
    ),
  ),
  clean(
    fleet,
    'only what is known by now',
    'create policy known on fleet.vehicles as restrictive for select using (recorded_at <= now() and valid @> current_date)',
  ),
  clean(
    fleet,
    'keys from a fixed list',
    `create type fleet.brand as enum ('red', 'green', 'blue', 'black'); create table fleet.depots (brand fleet.brand not null, no int not null, town text, primary key (brand, no));
     ${guarded('fleet.depots', `brand::text = any (string_to_array(current_setting('fleet.keys', true), ','))`)}`,
  ),
];
