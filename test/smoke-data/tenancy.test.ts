import { expect, test } from 'vitest';
import type { Catalogue, Column, Reference, Table } from '../../probes/catalogue.ts';
import { tenancyOf } from '../../probes/tenancy.ts';

const column = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: 'uuid',
  notNull: false,
  key: name === 'id',
  ...more,
});

const table = (name: string, columns: readonly (string | Column)[], more: Partial<Table> = {}): Table => ({
  oid: name,
  schema: 'public',
  name,
  enabled: true,
  forced: true,
  active: true,
  partition: false,
  reachable: true,
  owned: false,
  columns: columns.map((one) => (typeof one === 'string' ? column(one) : one)),
  ...more,
});

const key = (from: string, name: string, to: string, notNull = true): Reference => ({
  from,
  to,
  columns: [name],
  notNull,
});

const found = (catalogue: Catalogue) => tenancyOf(catalogue).tenant.map(({ name }) => name);

const tenants = table('tenants', ['id', 'name']);
const users = table('users', ['id', 'tenant_id']);

test.each<{ what: string; tables: Table[]; references?: Reference[]; tenant: string[] }>([
  { what: 'the tenants themselves and a table with their id', tables: [tenants, users], tenant: ['tenants', 'users'] },
  {
    what: 'a path of three foreign keys',
    tables: [tenants, users, table('a', ['id', 'user_id']), table('b', ['id', 'a_ref']), table('c', ['b_ref'])],
    references: [key('c', 'b_ref', 'b'), key('b', 'a_ref', 'a', false), key('a', 'user_id', 'users')],
    tenant: ['tenants', 'users', 'a', 'b', 'c'],
  },
  {
    what: "a catalogue that a person wrote is nobody's",
    tables: [tenants, users, table('template_versions', ['id', 'created_by'])],
    references: [key('template_versions', 'created_by', 'users', false)],
    tenant: ['tenants', 'users'],
  },
  {
    what: "but what must have a maker belongs to the maker's tenant",
    tables: [tenants, users, table('notes', ['id', 'created_by'])],
    references: [key('notes', 'created_by', 'users')],
    tenant: ['tenants', 'users', 'notes'],
  },
  {
    what: 'a user_id that is no foreign key still names a user',
    tables: [tenants, users, table('devices', ['id', column('user_id', { notNull: true })])],
    tenant: ['tenants', 'users', 'devices'],
  },
  {
    what: 'unless it cannot, by its type',
    tables: [tenants, users, table('events', ['id', column('user_id', { notNull: true, type: 'text' })])],
    tenant: ['tenants', 'users'],
  },
  {
    what: 'catalogues and tokens stay out',
    tables: [
      tenants,
      users,
      table('asset_classes', ['id', 'name']),
      table('verification_tokens', ['identifier', 'token', 'expires']),
    ],
    tenant: ['tenants', 'users'],
  },
  {
    what: 'a partition nobody may go to directly is guarded by its parent',
    tables: [
      tenants,
      table('log', ['tenant_id']),
      table('log_1', ['tenant_id'], { partition: true, reachable: false }),
    ],
    tenant: ['tenants', 'log'],
  },
  {
    what: 'one that the role may go to is not',
    tables: [tenants, table('log', ['tenant_id']), table('log_1', ['tenant_id'], { partition: true })],
    tenant: ['tenants', 'log', 'log_1'],
  },
  {
    what: 'another word for tenant, when nobody says tenant',
    tables: [table('organizations', ['id']), table('people', ['organization_id'])],
    tenant: ['organizations', 'people'],
  },
  {
    what: 'a column of that word beside tenants is a name like any other',
    tables: [tenants, table('crm_directory', ['organization_id'])],
    tenant: ['tenants'],
  },
  { what: 'nothing at all', tables: [table('things', ['id'])], tenant: [] },
])('$what', ({ tables, references = [], tenant }) => {
  expect(found({ tables, references })).toEqual(tenant);
});

test('says by which way a table was found', () => {
  const messages = table('messages', ['session_id']);
  const sessions = table('sessions', ['id', 'tenant_id']);
  const { tenant } = tenancyOf({
    tables: [tenants, sessions, messages],
    references: [key('messages', 'session_id', 'sessions')],
  });
  expect(tenant.map(({ because }) => because)).toEqual([
    'the tenants themselves',
    'column tenant_id',
    'session_id → public.sessions',
  ]);
});
