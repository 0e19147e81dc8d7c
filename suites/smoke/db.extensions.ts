import { quoted } from '../../probes/catalogue.ts';
import { type Ask, DatabaseFailure } from '../../probes/postgres.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['installed', 'usable'], (database) =>
    database.undone(async (ask) => {
      const rows = await ask(
        'select e.extname as name, e.extversion as version, n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace',
      );
      const installed = new Map(rows.map((row) => [String(row.name), row]));
      for (const name of Object.keys(uses)) await judge(context, ask, name, installed.get(name));
    }, 'read only'),
  );

export default body;

/** The smallest use of each extension, with its schema named: it need not be on anybody's search path. */
const uses: Readonly<Record<string, { readonly sql: (schema: string) => string; readonly right: RegExp }>> = {
  'uuid-ossp': {
    sql: (schema) => `select ${quoted(schema, 'uuid_generate_v4')}()::text as answer`,
    right: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  },
  vector: { sql: (schema) => `select '[3, 4]'::${quoted(schema, 'vector')}::text as answer`, right: /^\[3,4\]$/ },
};

async function judge(
  context: BodyContext,
  ask: Ask,
  cell: string,
  row: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  if (!row) {
    for (const assertion of ['installed', 'usable'])
      context.breaks(assertion, `the extension ${cell} is not installed`, { cell });
    return;
  }
  context.holds('installed', { cell, observed: `${cell} ${row.version} in schema ${row.schema}` });
  const { sql, right } = uses[cell]!;
  const answer = await tried(ask, sql(String(row.schema)));
  if (right.test(answer)) context.holds('usable', { cell, observed: answer });
  else context.breaks('usable', `${cell} is installed but of no use to the app's role: ${answer}`, { cell });
}

async function tried(ask: Ask, sql: string): Promise<string> {
  await ask('savepoint sd_use');
  try {
    return String((await ask(sql))[0]?.answer ?? 'no answer');
  } catch (error) {
    if (error instanceof DatabaseFailure && error.code) return error.message;
    throw error;
  } finally {
    await ask('rollback to savepoint sd_use').catch(() => undefined);
  }
}
