import { kunde } from './phrases.ts';

/** Schemas that keep tenants apart, each in its own way; holes are cut into them, and clean variants are made of them. */
export interface Base {
  readonly name: string;
  /** `ROLE` stands for the application's role. */
  readonly sql: string;
}

const guard = (table: string, own: string) =>
  `alter table ${table} enable row level security; alter table ${table} force row level security;
   create policy own on ${table} using (${own}) with check (${own}); grant select, insert, update, delete on ${table} to ROLE;`;

/** Integer tenants in a schema of their own; a path by foreign key; a lookup table; a composite key. */
export const kunden: Base = {
  name: 'kunden',
  sql: `create schema laden; grant usage on schema laden to ROLE;
   create table laden.kunden (nr int primary key, firma text not null, aktiv boolean not null default true);
   create table laden.waehrungen (code char(3) primary key, name text not null); insert into laden.waehrungen values ('EUR', 'Euro'), ('CHF', 'Franken');
   grant select on laden.waehrungen to ROLE;
   create table laden.auftraege (kunde_nr int not null references laden.kunden, nr int not null, titel text not null, waehrung char(3) references laden.waehrungen,
     oeffentlich boolean not null default false, status text not null default 'neu' check (status in ('neu', 'bezahlt', 'geteilt')), geloescht_am timestamptz, primary key (kunde_nr, nr));
   create table laden.notizen (id bigint generated always as identity primary key, kunde_nr int not null, auftrag int not null, text text, foreign key (kunde_nr, auftrag) references laden.auftraege (kunde_nr, nr));
   create table laden.anhaenge (id uuid primary key default gen_random_uuid(), notiz bigint not null references laden.notizen on delete cascade, pfad text not null);
   ${guard('laden.kunden', `nr = nullif(current_setting('shop.kunde', true), '')::int`)}
   ${guard('laden.auftraege', kunde)} ${guard('laden.notizen', kunde)}
   ${guard('laden.anhaenge', `exists (select from laden.notizen n where n.id = notiz and n.${kunde})`)}`,
};

/** Text tenants, a helper function, partitions. */
export const workspaces: Base = {
  name: 'workspaces',
  sql: `create schema core; create schema docs; grant usage on schema core, docs to ROLE;
   create table core.workspaces (slug text primary key check (slug ~ '^[a-z0-9-]+$'), title text);
   create function core.current_workspace() returns text language sql stable as $$ select nullif(current_setting('session.workspace', true), '') $$;
   create table docs.pages (page_id uuid primary key default gen_random_uuid(), workspace_slug text not null references core.workspaces, body text, visibility text not null default 'private', archived boolean default false);
   create table docs.events (id bigint not null, workspace_slug text not null references core.workspaces, at timestamptz not null, what jsonb not null default '{}', primary key (id, at)) partition by range (at);
   create table docs.events_old partition of docs.events for values from (minvalue) to ('2020-01-01');
   create table docs.events_new partition of docs.events for values from ('2020-01-01') to (maxvalue);
   ${guard('core.workspaces', 'slug = core.current_workspace()')} ${guard('docs.pages', 'workspace_slug = core.current_workspace()')} ${guard('docs.events', 'workspace_slug = core.current_workspace()')}`,
};

/** The connected role is the tenant. */
export const logins: Base = {
  name: 'logins',
  sql: `create schema bank; grant usage on schema bank to ROLE;
   create table bank.accounts (owner name not null default current_user, number int not null, balance numeric(12, 2) not null default 0, note text, primary key (owner, number));
   create table bank.entries (owner name not null, account int not null, line int not null, amount numeric(12, 2) not null, primary key (owner, account, line), foreign key (owner, account) references bank.accounts (owner, number));
   ${guard('bank.accounts', 'owner = current_user')} ${guard('bank.entries', 'owner = current_user')}`,
};

/** UUID tenants told by a claim in JSON. */
export const claims: Base = {
  name: 'claims',
  sql: `create schema auth; create schema app; grant usage on schema auth, app to ROLE;
   create function auth.jwt() returns jsonb language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
   create function auth.org() returns uuid language sql stable as $$ select (auth.jwt() ->> 'org_id')::uuid $$;
   create table app.organizations (id uuid primary key default gen_random_uuid(), name text not null);
   create type app.kind as enum ('note', 'task', 'public');
   create table app.items (id uuid primary key default gen_random_uuid(), org_id uuid not null references app.organizations, kind app.kind not null default 'note', title varchar(30) not null, email text check (email ~ '@'), low int, high int, check (low is null or high is null or low < high));
   create table app.comments (id uuid primary key default gen_random_uuid(), item_id uuid not null references app.items, body text not null);
   ${guard('app.organizations', 'id = auth.org()')} ${guard('app.items', 'org_id = auth.org()')}
   ${guard('app.comments', 'exists (select 1 from app.items i where i.id = comments.item_id and i.org_id = auth.org())')}`,
};

export const bases: readonly Base[] = [kunden, workspaces, logins, claims];
