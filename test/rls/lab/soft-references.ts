import { claims } from './bases.ts';
import type { Clean } from './clean.ts';
import type { Hole } from './holes.ts';

const item = (table: string) =>
  `exists (select from app.items i where i.id = ${table}.item_id and i.org_id = auth.org())`;
const visitor = `(person_id is null or exists (select from app.people p where p.id = visits.person_id and p.org_id = auth.org()))`;
const forced = (table: string) =>
  `alter table ${table} enable row level security; alter table ${table} force row level security; grant select, insert, update, delete on ${table} to ROLE;`;

/** Visits of an item by a person; that there is such a person, no constraint says. */
const visits = (stored: string, changed: string): string =>
  `create table app.people (id uuid primary key default gen_random_uuid(), org_id uuid not null references app.organizations, name text);
   create policy own on app.people using (org_id = auth.org()); ${forced('app.people')}
   create table app.visits (id uuid primary key default gen_random_uuid(), item_id uuid not null references app.items, person_id uuid, at timestamptz not null default now());
   create policy s on app.visits for select using (${item('visits')} and ${visitor}); create policy d on app.visits for delete using (${item('visits')});
   create policy i on app.visits for insert with check (${stored}); create policy u on app.visits for update using (${item('visits')}) with check (${changed}); ${forced('app.visits')}`;

const both = `${item('visits')} and ${visitor}`;

/** A comment says by its item whose it is, and in a column of its own as well. */
const beside = (check: string): string =>
  `alter table app.comments add org_id uuid references app.organizations; drop policy own on app.comments;
   create policy own on app.comments using (${item('comments')}) with check (${check})`;

export const softHoles: readonly Hole[] = [
  {
    rule: 'R32',
    base: claims,
    where: 'app.visits INSERT',
    name: "a visit by another tenant's person",
    sql: visits(item('visits'), both),
  },
  {
    rule: 'R32',
    base: claims,
    where: 'app.visits UPDATE',
    name: "a visit that becomes another tenant's person's",
    sql: visits(both, item('visits')),
  },
  {
    rule: 'R07',
    base: claims,
    where: 'app.visits INSERT',
    name: 'only the person is asked about',
    sql: visits(visitor, both),
  },
  {
    rule: 'R07',
    base: claims,
    where: 'app.visits INSERT',
    name: 'the person or the item',
    sql: visits(`${item('visits')} or (${visitor} and person_id is not null)`, both),
  },
  {
    rule: 'R32',
    base: claims,
    where: 'app.comments INSERT',
    name: 'a column beside the parent that nobody guards',
    sql: beside(item('comments')),
  },
];

export const softCleans: readonly Clean[] = [
  { name: 'a reference that only policies enforce', base: claims, sql: visits(both, both) },
  {
    name: 'a column beside the parent, guarded',
    base: claims,
    sql: beside(`${item('comments')} and (org_id is null or org_id = auth.org())`),
  },
];
