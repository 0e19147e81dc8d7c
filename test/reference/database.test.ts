import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueChecksum, catalogueDifference, readCatalogue } from '../../reference/database/checksum.ts';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { connected, freshDirectory } from './deployment.ts';

const directory = freshDirectory();
let deployment: ReferenceHandle;
const tenants = { a: randomUUID(), b: randomUUID() };

beforeAll(async () => {
  deployment = handle(await up({ endWithCaller: true, directory, only: ['postgres'] }));
  await connected(deployment.postgres.serviceUrl, async (client) => {
    for (const id of Object.values(tenants)) await fillTenant(client, id);
  });
}, 60_000);
afterAll(() => down(directory));

const core =
  'tenants users accounts auth_sessions verification_tokens widgets meetings knowledge_documents cost_summaries budget_alerts ai_personalities ' +
  'sessions messages knowledge_chunks cost_events api_keys data_requests audit_logs chat_files reranking_events knowledge_gaps conversation_memory ' +
  'end_users survey_responses unresolved_problems escalations unresolved_problem_users rag_evaluation_runs rag_test_sets rag_quality_thresholds rag_evaluations';

describe('the catalogue', () => {
  test('has the 31 tables of the assistant core and the evaluation, and no other', async () => {
    const rows = await deployment.sql(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    expect(rows.map(({ relname }) => relname).sort()).toEqual(core.split(' ').sort());
  });

  test('forces row level security on each of them', async () => {
    const rows = await deployment.sql(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });

  test('has 124 policies, one for each command of each table, all comparing with the tenant helper', async () => {
    const rows = await deployment.sql('SELECT tablename, cmd, qual, with_check FROM pg_policies');
    expect(rows).toHaveLength(124);
    expect(new Set(rows.map(({ tablename, cmd }) => `${tablename} ${cmd}`)).size).toBe(124);
    for (const { qual, with_check } of rows)
      expect(`${qual ?? ''}${with_check ?? ''}`).toContain('get_current_tenant_id()');
  });

  test('has an index that begins with tenant_id wherever there is one', async () => {
    const rows = await deployment.sql(
      `SELECT attrelid::regclass::text AS relation FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attname = 'tenant_id' AND NOT attisdropped
       AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indkey[0] = attnum)`,
    );
    expect(rows).toEqual([]);
  });

  test('keeps twelve migrations with their checksums', async () => {
    const rows = await deployment.sql('SELECT version, checksum FROM migrations.schema_migrations ORDER BY version');
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const { checksum } of rows) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  test('gives the app role no way around the policies', async () => {
    const [role] = await deployment.sql(`SELECT rolsuper, rolbypassrls, rolcreaterole,
      (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned, (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
      FROM pg_roles r WHERE rolname = 'app_user'`);
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owned: 0, memberships: 0 });
  });
});

describe('the app role', () => {
  const rowsOf = (table: string) => `SELECT count(*)::int AS count FROM ${table}`;
  const reachable = core.split(' ').filter((table) => table !== 'verification_tokens');

  test('with tenant A set sees A and nothing of B, in every table', async () => {
    await connected(deployment.postgres.appUrl, async (client) => {
      for (const table of reachable)
        expect({ table, ...(await asTenant(client, tenants.a, rowsOf(table))) }).toEqual({ table, count: 1 });
    });
  });

  test('without a tenant sees nothing, on a fresh connection and on a used one', async () => {
    await connected(deployment.postgres.appUrl, async (client) => {
      for (const use of ['fresh', 'used']) {
        for (const table of reachable)
          expect({ use, table, ...(await one(client, rowsOf(table))) }).toEqual({ use, table, count: 0 });
        await asTenant(client, tenants.a, 'SELECT 1');
      }
    });
  });

  test.each(['users', 'messages', 'knowledge_chunks', 'unresolved_problem_users', 'rag_evaluations'])(
    'deletes its own row of %s and no other',
    async (table) => {
      await connected(deployment.postgres.appUrl, async (client) => {
        const gone = await asTenant(
          client,
          tenants.a,
          `WITH gone AS (DELETE FROM ${table} RETURNING 1) SELECT count(*)::int AS count FROM gone`,
        );
        expect(gone).toEqual({ count: 1 });
      });
    },
  );

  test('cannot hand a row to B, nor insert one for it, nor hang one on a parent of B', async () => {
    const widgetOfB = (await deployment.sql('SELECT id FROM widgets WHERE tenant_id = $1', [tenants.b]))[0]!.id;
    await connected(deployment.postgres.appUrl, async (client) => {
      const refused = (sql: string, code: string) =>
        expect(asTenant(client, tenants.a, sql)).rejects.toMatchObject({ code });
      await refused(`UPDATE widgets SET tenant_id = '${tenants.b}'`, '42501');
      await refused(`INSERT INTO widgets (tenant_id, name) VALUES ('${tenants.b}', 'x')`, '42501');
      await refused(`INSERT INTO sessions (tenant_id, widget_id) VALUES ('${tenants.a}', '${widgetOfB}')`, '23503');
      await refused('SELECT * FROM verification_tokens', '42501');
    });
  });

  test('finds its own nearest embedding among those of others', async () => {
    await connected(deployment.postgres.appUrl, async (client) => {
      const found = await asTenant(
        client,
        tenants.a,
        `SELECT content FROM knowledge_chunks ORDER BY embedding <=> (${vector}) LIMIT 5`,
      );
      expect(found).toEqual({ content: `chunk of ${tenants.a}` });
    });
  });
});

test('the service role sees both tenants, and deleting one takes all its rows along', async () => {
  const count = async () =>
    Number(
      (
        await deployment.sql(
          `SELECT ${core
            .split(' ')
            .map((table) => `(SELECT count(*) FROM ${table})`)
            .join(' + ')} AS count`,
        )
      )[0]!.count,
    );
  const before = await count();
  const extra = randomUUID();
  await connected(deployment.postgres.serviceUrl, async (client) => {
    await fillTenant(client, extra);
    expect(await one(client, 'SELECT count(*)::int AS count FROM end_users')).toEqual({ count: 3 });
    await client.query('DELETE FROM tenants WHERE id = $1', [extra]);
  });
  // A verification token knows no tenant, so it stays behind.
  expect(await count()).toBe(before + 1);
});

test('the seed is there, with Argon2id hashes and passwords of this deployment alone', async () => {
  const users = await deployment.sql(
    `SELECT role, password_hash FROM users u JOIN tenants t ON t.id = tenant_id WHERE t.name = 'Acme Corporation' ORDER BY role`,
  );
  expect(users.map(({ role }) => role)).toEqual(['admin', 'member', 'owner']);
  for (const { password_hash } of users) expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('the checksum sees a planted change and nothing after it is lifted', async () => {
  const before = await readCatalogue(deployment);
  const checksum = await catalogueChecksum(deployment);
  await deployment.sql(
    'ALTER TABLE widgets NO FORCE ROW LEVEL SECURITY; GRANT TRUNCATE ON sessions TO app_user; ALTER ROLE app_user BYPASSRLS',
  );
  const difference = catalogueDifference(before, await readCatalogue(deployment));
  expect(new Set(difference.map((line) => line.split(':')[0]))).toEqual(new Set(['tables', 'roles']));
  await deployment.sql(
    'ALTER TABLE widgets FORCE ROW LEVEL SECURITY; REVOKE TRUNCATE ON sessions FROM app_user; ALTER ROLE app_user NOBYPASSRLS',
  );
  expect(await catalogueChecksum(deployment)).toBe(checksum);
});

const vector = `SELECT array_agg(1.0 / n)::vector FROM generate_series(1, 1024) AS n`;

/** One row in every table. */
async function fillTenant(client: Client, id: string): Promise<void> {
  await client.query('BEGIN');
  for (const statement of rowsOfTenant(id)) await client.query(statement);
  await client.query('COMMIT');
}

function rowsOfTenant(id: string): string[] {
  const of = (table: string) => `(SELECT id FROM ${table} WHERE tenant_id = '${id}' LIMIT 1)`;
  const insert = (table: string, columns: string, values: string) =>
    `INSERT INTO ${table} (${columns}) VALUES (${values})`;
  const own = (table: string, columns = '', values = '') =>
    insert(table, `tenant_id${columns && `, ${columns}`}`, `'${id}'${values && `, ${values}`}`);
  return [
    insert('tenants', 'id, name, api_key', `'${id}', 'tenant', 'pk_${id}'`),
    own('users', 'email', `'${id}@example.test'`),
    insert('accounts', 'user_id, type, provider, provider_account_id', `${of('users')}, 'oauth', 'google', '${id}'`),
    insert('auth_sessions', 'session_token, user_id, expires', `'${id}', ${of('users')}, now()`),
    insert('verification_tokens', 'identifier, token, expires', `'${id}@example.test', '${id}', now()`),
    own('ai_personalities', 'name, system_prompt', `'p', 'p'`),
    own('widgets', 'name, ai_personality_id', `'w', ${of('ai_personalities')}`),
    own('meetings', 'room_name, livekit_room_id', `'${id}', '${id}'`),
    own('sessions', 'widget_id', of('widgets')),
    insert('messages', 'session_id, role, content', `${of('sessions')}, 'user', 'hello'`),
    own(
      'chat_files',
      'user_id, session_id, file_name, file_path, file_type, file_size',
      `${of('users')}, ${of('sessions')}, 'f', '${id}', 'text/plain', 1`,
    ),
    own('knowledge_documents', 'title, content', `'t', 'c'`),
    insert(
      'knowledge_chunks',
      'document_id, tenant_id, content, embedding, position',
      `${of('knowledge_documents')}, '${id}', 'chunk of ${id}', (${vector}), 0`,
    ),
    own('cost_events', 'service', `'ai'`),
    own('cost_summaries', 'period, period_start', `'day', now()`),
    own('budget_alerts', 'threshold_usd', '1'),
    own('api_keys', 'name, key_type, key_hash, prefix', `'k', 'secret', '${id}', 'sk'`),
    own('data_requests', 'request_type', `'export'`),
    own('audit_logs', 'action', `'login'`),
    own('reranking_events', 'query', `'q'`),
    own('knowledge_gaps', 'query', `'q'`),
    own('conversation_memory', 'content', `'c'`),
    own('end_users', 'email', `'end@example.test'`),
    own('survey_responses', 'session_id, survey_method', `${of('sessions')}, 'in_widget'`),
    own('unresolved_problems', 'problem_description, problem_hash', `'it does not work', 'h'`),
    insert('unresolved_problem_users', 'problem_id, end_user_id', `${of('unresolved_problems')}, ${of('end_users')}`),
    own('escalations', 'session_id, escalation_type, reason', `${of('sessions')}, 'user_request', 'because I ask'`),
    own('rag_test_sets', 'name', `'s'`),
    own('rag_evaluation_runs', 'test_set_id', of('rag_test_sets')),
    insert('rag_evaluations', 'run_id, question', `${of('rag_evaluation_runs')}, 'q'`),
    own('rag_quality_thresholds', 'metric, minimum', `'m', 0.5`),
  ];
}

/** In a transaction that is always rolled back. */
async function asTenant(client: Client, tenant: string, sql: string): Promise<Record<string, unknown> | undefined> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL app.current_tenant_id = '${tenant}'`);
    return await one(client, sql);
  } finally {
    await client.query('ROLLBACK');
  }
}

const one = async (client: Client, sql: string): Promise<Record<string, unknown> | undefined> =>
  (await client.query(sql)).rows[0];
