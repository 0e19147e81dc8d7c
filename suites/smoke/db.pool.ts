import { randomUUID } from 'node:crypto';
import { type Database, DatabaseFailure, openDatabase } from '../../probes/postgres.ts';
import { isNobody, readTenantContext } from '../../probes/tenant-context.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { told, withDatabase } from './connections.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['concurrent', 'clean'], async (first) => {
    const { setting } = await readTenantContext(first);
    await noteHeadroom(context, first);
    const connections = [first];
    try {
      await openMore(context, connections);
      for (const connection of connections) await judgeClean(context, connection, setting, 'a fresh connection');
      await judgeConcurrent(context, connections, setting);
      for (const connection of connections)
        await judgeClean(context, connection, setting, 'a connection used by many tenants');
      for (const connection of connections) await judgeAfterTrouble(context, connection, setting);
    } finally {
      await Promise.all(connections.slice(1).map((connection) => connection.close()));
    }
  });

export default body;

const poolSize = 5;
const roundsPerConnection = 8;

/** One after the other, so that the first that is refused is told as what it is. */
async function openMore(context: BodyContext, connections: Database[]): Promise<void> {
  const url = context.environment.database.appUrl;
  await told(context, ['concurrent'], async () => {
    while (url !== null && connections.length < poolSize) connections.push(await openDatabase(url, context));
  });
}

/** Many short transactions at once over a few connections, each for a tenant of its own, as the platform's pool has them. */
async function judgeConcurrent(context: BodyContext, connections: readonly Database[], setting: string): Promise<void> {
  await Promise.all(
    connections.map(async (connection) => {
      for (let round = 0; round < roundsPerConnection; round += 1)
        await told(context, ['concurrent'], () => turn(context, connection, setting));
    }),
  );
}

async function turn(context: BodyContext, connection: Database, setting: string): Promise<void> {
  const tenant = randomUUID();
  const seen = await connection.undone(async (ask) => {
    const [before] = await ask('select current_setting($1, true) as tenant', [setting]);
    await ask('select set_config($1, $2, true)', [setting, tenant]);
    const [within] = await ask('select current_setting($1, true) as tenant, pg_sleep(0.002)', [setting]);
    return { before: before?.tenant, within: within?.tenant };
  }, 'read only');
  if (!isNobody(seen.before))
    context.breaks('clean', `a transaction began with the tenant of another still set (${setting})`);
  else context.holds('clean', { observed: 'no tenant at the begin of a transaction' });
  if (seen.within === tenant) context.holds('concurrent', { observed: 'the tenant that was set' });
  else context.breaks('concurrent', 'a transaction did not see the tenant it had set itself');
}

async function judgeClean(context: BodyContext, connection: Database, setting: string, where: string): Promise<void> {
  await told(context, ['clean'], async () => {
    const [row] = await connection.bare('select current_setting($1, true) as tenant', [setting]);
    const seen = { expected: 'no tenant', observed: `${where}: ${isNobody(row?.tenant) ? 'no tenant' : 'a tenant'}` };
    if (row && isNobody(row.tenant)) context.holds('clean', seen);
    else context.breaks('clean', `${where} has a tenant set before anybody set one (${setting})`, seen);
  });
}

/** A statement that fails and one that is cancelled leave no tenant behind either. */
async function judgeAfterTrouble(context: BodyContext, connection: Database, setting: string): Promise<void> {
  const troubles = { failed: 'select 1 / 0', cancelled: 'set local statement_timeout = 30; select pg_sleep(5)' };
  for (const [name, sql] of Object.entries(troubles)) {
    await told(context, ['clean'], async () => {
      const went = await stumble(connection, setting, sql);
      if (!went) context.breaks('clean', `a statement that ought to have been ${name} was not`);
      await judgeClean(
        context,
        connection,
        setting,
        `a connection whose last transaction ${name === 'failed' ? 'failed' : 'was cancelled'}`,
      );
    });
  }
}

async function stumble(connection: Database, setting: string, sql: string): Promise<boolean> {
  try {
    await connection.undone(async (ask) => {
      await ask('select set_config($1, $2, true)', [setting, randomUUID()]);
      await ask(sql);
    }, 'read only');
    return false;
  } catch (error) {
    if (error instanceof DatabaseFailure && (error.code === '22012' || error.code === '57014')) return true;
    throw error;
  }
}

async function noteHeadroom(context: BodyContext, database: Database): Promise<void> {
  const [row] = await database.rows(
    `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
      (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as used,
      (select rolconnlimit from pg_roles where rolname = current_user) as own`,
  );
  const own = Number(row?.own) >= 0 ? `, ${row?.own} for the app's role` : '';
  context.note('connections', `${row?.used} in use of ${row?.most}${own}`);
}
