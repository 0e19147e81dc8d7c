import { describe, expect, test } from 'vitest';
import { summaryOf } from '../../probes/ledgers.ts';
import { type Command, gapOf, type Policy } from '../../probes/policies.ts';
import { entriesOf, groupsOf, pendingOf, streamOf } from '../../probes/streams.ts';
import { distances, lookup } from '../../probes/vectors.ts';
import { isAtLeast } from '../../probes/versions.ts';
import { lookForStored, ofThePlatform } from '../../suites/smoke/db.vector.ts';

test.each([
  ['16.14', '16.7', true],
  ['16.7', '16.7', true],
  ['16.6', '16.7', false],
  ['17.0', '16.7', true],
  ['15.14', '16.7', false],
  ['7.4.2', '7.4.2', true],
  ['7.4.10', '7.4.2', true],
  ['7.4.1', '7.4.2', false],
  ['7.4', '7.4.0', true],
  ['8', '7.4.2', true],
  ['', '7.4.2', null],
  ['unknown', '7.4.2', null],
])('version "%s" against the floor %s: %s', (version, floor, expected) => {
  expect(isAtLeast(version, floor)).toBe(expected);
});

describe('policies', () => {
  const policy = (more: Partial<Policy>): Policy => ({
    table: '1',
    name: 'own',
    command: 'ALL',
    permissive: true,
    applies: true,
    using: { text: '(tenant_id = get_current_tenant_id())', readsRow: true },
    check: null,
    ...more,
  });
  const open = { text: 'true', readsRow: false };
  const gap = (policies: Policy[], command: Command, byDesign = false) => gapOf(policies, command, byDesign);

  test('none is a gap in every command', () => {
    expect(gap([], 'SELECT')).toBe('has no policy');
  });

  test('one for all commands covers each, its USING standing in for a missing WITH CHECK', () => {
    for (const command of ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const)
      expect(gap([policy({})], command)).toBeNull();
  });

  test.each<{ what: string; policies: Policy[]; command: Command; says: RegExp | null; byDesign?: boolean }>([
    {
      what: 'of one command covers no other',
      policies: [policy({ command: 'SELECT' })],
      command: 'DELETE',
      says: /no policy/,
    },
    {
      what: 'for another role covers nobody',
      policies: [policy({ applies: false })],
      command: 'SELECT',
      says: /only for roles/,
    },
    {
      what: 'that is true guards nothing',
      policies: [policy({ using: open })],
      command: 'SELECT',
      says: /open to every tenant by the policy own/,
    },
    {
      what: 'that never looks at the row guards nothing',
      policies: [policy({ using: { text: '(1 = 1)', readsRow: false } })],
      command: 'UPDATE',
      says: /open/,
    },
    {
      what: 'that is false guards well',
      policies: [policy({ using: { text: 'false', readsRow: false } })],
      command: 'DELETE',
      says: null,
    },
    {
      what: 'with an open WITH CHECK lets anything in',
      policies: [policy({ check: open })],
      command: 'INSERT',
      says: /open/,
    },
    {
      what: 'with OR true lets anything in',
      policies: [policy({ check: { text: '((tenant_id = f()) OR true)', readsRow: true } })],
      command: 'INSERT',
      says: /open/,
    },
    {
      what: 'beside an open one is no help',
      policies: [policy({}), policy({ name: 'wide', using: open })],
      command: 'SELECT',
      says: /by the policy wide/,
    },
    {
      what: 'that restricts makes up for an open one',
      policies: [policy({ using: open }), policy({ name: 'floor', permissive: false })],
      command: 'SELECT',
      says: null,
    },
    {
      what: 'that only restricts allows nothing by itself',
      policies: [policy({ permissive: false })],
      command: 'SELECT',
      says: /no policy/,
    },
    {
      what: 'open by design is let pass',
      policies: [policy({ command: 'INSERT', check: open })],
      command: 'INSERT',
      says: null,
      byDesign: true,
    },
  ])('a policy $what', ({ policies, command, says, byDesign }) => {
    const found = gap(policies, command, byDesign);
    if (says) expect(found).toMatch(says);
    else expect(found).toBeNull();
  });
});

describe('tables of migrations', () => {
  test.each([
    { runner: 'a plain one', entries: [{ version: 1 }, { version: 2 }], applied: 2, failed: [] },
    { runner: 'none applied', entries: [], applied: 0, failed: [] },
    { runner: 'golang-migrate', entries: [{ version: 23, dirty: false }], applied: 23, failed: [] },
    { runner: 'golang-migrate, stuck', entries: [{ version: 23, dirty: true }], applied: 0, failed: ['23'] },
    { runner: 'a date as version', entries: [{ version: 20250102030405, dirty: false }], applied: 1, failed: [] },
    {
      runner: 'flyway',
      entries: [
        { version: '1', success: true },
        { version: '2', success: false },
      ],
      applied: 1,
      failed: ['2'],
    },
    {
      runner: 'prisma, one unfinished',
      entries: [
        { migration_name: 'a', finished_at: 'then' },
        { migration_name: 'b', finished_at: null, rolled_back_at: null },
      ],
      applied: 1,
      failed: ['b'],
    },
    {
      runner: 'drizzle',
      entries: [
        { id: 1, hash: 'x', created_at: 1 },
        { id: 2, hash: 'y', created_at: 2 },
      ],
      applied: 2,
      failed: [],
    },
    {
      runner: 'a status in words',
      entries: [
        { name: 'a', status: 'applied' },
        { name: 'b', status: 'failed' },
      ],
      applied: 1,
      failed: ['b'],
    },
    { runner: 'the same one twice', entries: [{ name: 'a' }, { name: 'a' }], applied: 1, failed: [] },
  ])('$runner', ({ entries, applied, failed }) => {
    expect(summaryOf(entries)).toEqual({ applied, failed });
  });
});

describe('answers about streams', () => {
  test('entries, groups and what is pending are read from lists in lists', () => {
    expect(entriesOf([['key', [['1-0', ['text', 'a']]]]])).toEqual([{ id: '1-0', fields: new Map([['text', 'a']]) }]);
    expect(pendingOf([2, '1-0', '2-0', [['c', '2']]])).toBe(2);
    expect(streamOf(['length', 3, 'last-generated-id', '3-0'])).toEqual({ length: 3, lastId: '3-0' });
    const [group] = groupsOf([['name', 'g', 'consumers', 1, 'pending', 0, 'last-delivered-id', '3-0', 'lag', null]]);
    expect(group).toEqual({ name: 'g', consumers: 1, pending: 0, lastDeliveredId: '3-0' });
  });

  test('no answer is nothing read and no number pending', () => {
    expect(entriesOf(null)).toEqual([]);
    expect(groupsOf(undefined)).toEqual([]);
    expect(pendingOf(null)).toBeNaN();
  });
});

test.each(Object.entries(distances))(
  'what is looked for is equally near to no two by %s, beyond single-precision doubt',
  (_, distance) => {
    const { stored, query } = lookup(1024);
    const sorted = stored.map((vector) => distance(vector, query)).sort((a, b) => a - b);
    const steps = sorted.slice(1).map((value, at) => (value - sorted[at]!) / Math.max(1, Math.abs(value)));
    expect(Math.min(...steps)).toBeGreaterThan(1e-5);
  },
);

test.each([
  { name: 'tables of another model beside', tables: ['image_chunks', 'knowledge_chunks'], own: ['knowledge_chunks'] },
  { name: 'no table of a known name', tables: ['Odd Table'], own: ['Odd Table'] },
])("the platform's own embeddings, with $name", ({ tables, own }) => {
  const columns = tables.map((table) => ({ schema: 's', table, column: 'e', dimensions: 512, indexes: [] }));
  expect(ofThePlatform(columns).map(({ table }) => table)).toEqual(own);
});

test.each([
  { name: 'nothing is stored', stored: [], nearest: [], wrong: null },
  {
    name: 'it is nearest to itself',
    stored: [{ v: '[1,0]' }],
    nearest: [{ distance: 0 }, { distance: 0.3 }],
    wrong: null,
  },
  {
    name: 'another is nearer',
    stored: [{ v: '[1,0]' }],
    nearest: [{ distance: 0.3 }],
    wrong: /not itself but 0.3 away/,
  },
  { name: 'the index finds nothing', stored: [{ v: '[1,0]' }], nearest: [], wrong: /is not found/ },
])('an embedding that is stored is looked for: $name', async ({ stored, nearest, wrong }) => {
  const ask = async (text: string) => (text.includes('order by') ? nearest : stored);
  const column = { schema: 's', table: 't', column: 'e', dimensions: 2, indexes: [] };
  const found = await lookForStored(ask, 'public', column);
  if (wrong === null) expect(found.wrong).toBeNull();
  else expect(found.wrong).toMatch(wrong);
});
