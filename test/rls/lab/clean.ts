import { type Base, bases, claims, kunden, logins, workspaces } from './bases.ts';
import { clean, kunde, space } from './phrases.ts';

export interface Clean {
  readonly name: string;
  readonly base: Base;
  readonly sql: string;
}

const own = (table: string, condition: string) =>
  `alter table ${table} enable row level security; alter table ${table} force row level security; create policy own on ${table} using (${condition}); grant select, insert, update, delete on ${table} to ROLE;`;

/** Looks like a hole and is none. */
export const cleans: readonly Clean[] = [
  ...bases.map((base) => clean(base, 'as it is', 'select 1')),
  clean(
    workspaces,
    'USING without WITH CHECK',
    `drop policy own on docs.pages; create policy own on docs.pages using (${space})`,
  ),
  clean(
    workspaces,
    'a wide policy above a restrictive floor',
    `create policy wide on docs.pages using (true) with check (true); create policy floor on docs.pages as restrictive using (${space})`,
  ),
  clean(
    kunden,
    'four policies, one a command',
    `drop policy own on laden.auftraege; create policy s on laden.auftraege for select using (${kunde}); create policy i on laden.auftraege for insert with check (${kunde}); create policy u on laden.auftraege for update using (${kunde}); create policy d on laden.auftraege for delete using (${kunde})`,
  ),
  clean(
    kunden,
    'a raw cast that errs on a used connection',
    `drop policy own on laden.auftraege; create policy own on laden.auftraege using (kunde_nr = current_setting('shop.kunde', true)::int)`,
  ),
  clean(
    workspaces,
    'a setting that must be there',
    `create or replace function core.current_workspace() returns text language sql stable as $$ select current_setting('session.workspace') $$`,
  ),
  clean(
    workspaces,
    'a helper that raises',
    `create or replace function core.current_workspace() returns text language plpgsql stable as $$ begin if coalesce(current_setting('session.workspace', true), '') = '' then raise exception 'no workspace'; end if; return current_setting('session.workspace', true); end $$`,
  ),
  clean(
    claims,
    'a sub-select around the helper',
    `drop policy own on app.items; create policy own on app.items using (org_id = (select auth.org()))`,
  ),
  clean(
    claims,
    'only signed-in members of a role',
    `drop policy own on app.items; create policy own on app.items to ROLE using (org_id = auth.org())`,
  ),
  clean(
    kunden,
    'a view as the invoker',
    `create view laden.uebersicht with (security_invoker = true) as select * from laden.auftraege; grant select, delete on laden.uebersicht to ROLE`,
  ),
  clean(
    workspaces,
    'a view with its own condition',
    `create view docs.mine with (security_barrier) as select * from docs.pages where ${space}; grant select on docs.mine to ROLE`,
  ),
  clean(
    kunden,
    'a view over a lookup',
    `create view laden.liste as select code from laden.waehrungen; grant select on laden.liste to ROLE`,
  ),
  clean(
    kunden,
    'a materialized view over a lookup',
    `create materialized view laden.liste as select code from laden.waehrungen; grant select on laden.liste to ROLE`,
  ),
  clean(
    claims,
    'a materialized view nobody may read',
    `create materialized view app.digest as select title from app.items`,
  ),
  clean(
    workspaces,
    'a definer that keeps to the workspace',
    `create function core.mine() returns setof docs.pages language sql stable security definer set search_path = pg_catalog as $$ select * from docs.pages where workspace_slug = core.current_workspace() $$`,
  ),
  clean(
    claims,
    'a definer that returns what it is given',
    `create function app.echo(which uuid) returns uuid language plpgsql security definer set search_path = pg_catalog as $$ begin return which; end $$`,
  ),
  clean(
    kunden,
    'a definer nobody may call',
    `create function laden.alle() returns setof laden.auftraege language sql security definer set search_path = pg_catalog as $$ select * from laden.auftraege $$; revoke all on function laden.alle() from public`,
  ),
  clean(
    kunden,
    'a write-only table',
    `create table laden.spur (id uuid primary key default gen_random_uuid(), ${'kunde_nr int not null references laden.kunden'}, was text); alter table laden.spur enable row level security; alter table laden.spur force row level security; create policy rein on laden.spur for insert with check (${kunde}); grant insert on laden.spur to ROLE`,
  ),
  clean(
    workspaces,
    'a table without policies',
    `create table docs.sealed (id int primary key, workspace_slug text not null references core.workspaces); alter table docs.sealed enable row level security; alter table docs.sealed force row level security; grant select, insert, update, delete on docs.sealed to ROLE`,
  ),
  clean(
    workspaces,
    'an unguarded table nobody may reach',
    `create table docs.raw (id int primary key, workspace_slug text not null references core.workspaces)`,
  ),
  clean(workspaces, 'a part nobody may reach', `create table docs.events_more partition of docs.events default`),
  clean(
    workspaces,
    'a guarded part',
    `alter table docs.events_old enable row level security; alter table docs.events_old force row level security; create policy own on docs.events_old using (${space}); grant select on docs.events_old to ROLE`,
  ),
  clean(
    kunden,
    'columns granted one by one',
    `revoke select on laden.auftraege from ROLE; grant select (titel, status) on laden.auftraege to ROLE`,
  ),
  clean(
    kunden,
    'a tenant column that must not change',
    `create function laden.fest() returns trigger language plpgsql as $$ begin if new.kunde_nr <> old.kunde_nr then raise exception 'fest'; end if; return new; end $$; create trigger fest before update on laden.auftraege for each row execute function laden.fest()`,
  ),
  clean(
    workspaces,
    'a trigger that fills in the workspace',
    `create function core.fill() returns trigger language plpgsql as $$ begin new.workspace_slug := coalesce(core.current_workspace(), new.workspace_slug); return new; end $$; create trigger fill before insert on docs.pages for each row execute function core.fill()`,
  ),
  clean(
    claims,
    'an audit trail nobody may read',
    `create table app.audit (id int generated always as identity primary key, line jsonb); create function app.log() returns trigger language plpgsql security definer set search_path = pg_catalog as $$ begin insert into app.audit (line) values (to_jsonb(new)); return new; end $$; create trigger log after insert on app.items for each row execute function app.log()`,
  ),
  clean(kunden, 'owner of nothing but bound where forced', `alter table laden.notizen owner to ROLE`),
  clean(
    claims,
    'a further condition on who the user is',
    `create table app.drafts (id uuid primary key default gen_random_uuid(), org_id uuid not null references app.organizations, user_id uuid not null, body text); ${own('app.drafts', `org_id = auth.org() and user_id = nullif(current_setting('app.user_id', true), '')::uuid`)}`,
  ),
  clean(
    workspaces,
    'one row a workspace',
    `create table docs.settings (workspace_slug text primary key references core.workspaces, dark boolean not null default false, locale text); ${own('docs.settings', space)}`,
  ),
  clean(
    workspaces,
    'a parent of its own kind',
    `create table docs.folders (workspace_slug text not null references core.workspaces, id int not null, parent int, name text, primary key (workspace_slug, id), foreign key (workspace_slug, parent) references docs.folders (workspace_slug, id)); ${own('docs.folders', space)}`,
  ),
  clean(logins, 'a group that may see', `create role "ROLE_group"; grant select on bank.accounts to "ROLE_group"`),
  clean(
    kunden,
    'odd names',
    `create table laden."Größe ""x""" (id int primary key, kunde_nr int not null references laden.kunden, "Wert mit Leerzeichen" text); ${own('laden."Größe ""x"""', kunde)}`,
  ),
  clean(
    claims,
    'generated, arrays, ranges, domains',
    `create domain app.mail as text check (value ~ '^[^@]+@[^@]+$'); create table app.things (id bigint generated always as identity primary key, org_id uuid not null references app.organizations, mail app.mail not null, tags text[] not null default '{}', period tstzrange, price numeric(6, 2) not null check (price > 0), double numeric generated always as (price * 2) stored, ip inet, d interval, raw bytea); ${own('app.things', 'org_id = auth.org()')}`,
  ),
  clean(
    workspaces,
    'usage of a sequence',
    `create sequence docs.counter; grant usage on sequence docs.counter to ROLE`,
  ),
  clean(
    kunden,
    'a lookup with a writer’s name',
    `create table laden.vorlagen (id int primary key, text text, erstellt_by int references laden.kunden); grant select on laden.vorlagen to ROLE`,
  ),
  clean(
    claims,
    'membership read from a table nobody may write',
    `create table app.members (org uuid, login text); grant select on app.members to ROLE; create policy only_members on app.items as restrictive using (org_id = auth.org() or org_id in (select org from app.members where false))`,
  ),
];
