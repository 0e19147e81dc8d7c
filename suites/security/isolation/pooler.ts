import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../../../probes/postgres.ts';
import { isNobody } from '../../../probes/tenant-context.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { judgeConnection, placesOf } from './connections.ts';
import type { Look } from './look.ts';

const clients = 12;
const rounds = 20;

/**
 * Through the pooler one meets the very server connections that the API has used. All of them are held at once, so that each is
 * seen; then many clients take short turns, and each must see the tenant it has set itself and no other before.
 */
export async function judgePooler(context: BodyContext, look: Look, setting: string): Promise<void> {
  const { poolerUrl } = context.environment.database;
  if (poolerUrl === null) return;
  const open: Database[] = [];
  try {
    while (open.length < clients) open.push(await openDatabase(poolerUrl, context));
    await judgeLeftOver(context, open, setting);
    await judgeTurns(context, open, setting);
    const places = await placesOf(open[0]!, look);
    await judgeConnection(context, open[0]!, setting, places, { name: 'through the pooler', assertion: 'pooler' });
    await judgeLeftOver(context, open, setting);
  } finally {
    await Promise.all(open.map((connection) => connection.close()));
  }
}

/** A transaction holds its server connection, so several at once are on several; a pool may be smaller, and then some wait. */
async function judgeLeftOver(context: BodyContext, open: readonly Database[], setting: string): Promise<void> {
  const seen = new Map<number, unknown>();
  await Promise.all(
    open.map((connection) =>
      connection.undone(async (ask) => {
        const [row] = await ask('select pg_backend_pid() as pid, current_setting($1, true) as tenant, pg_sleep(0.2)', [
          setting,
        ]);
        const pid = Number(row?.pid);
        if (!seen.has(pid) || !isNobody(row?.tenant)) seen.set(pid, row?.tenant);
      }, 'read only'),
    ),
  );
  const left = [...seen.values()].filter((tenant) => !isNobody(tenant)).length;
  const told = { expected: 'no tenant', observed: `${left} of ${seen.size} server connections with a tenant` };
  if (left === 0) context.holds('pooler', told);
  else
    context.breaks(
      'pooler',
      `${left} of ${seen.size} server connections of the pooler begin a transaction with a tenant that somebody left (${setting})`,
      told,
    );
}

async function judgeTurns(context: BodyContext, open: readonly Database[], setting: string): Promise<void> {
  let wrong = 0;
  await Promise.all(
    open.map(async (connection) => {
      for (let round = 0; round < rounds; round += 1) {
        const tenant = randomUUID();
        const within = await connection.undone(async (ask) => {
          const [before] = await ask('select current_setting($1, true) as tenant', [setting]);
          await ask('select set_config($1, $2, true)', [setting, tenant]);
          const [row] = await ask('select current_setting($1, true) as tenant', [setting]);
          return isNobody(before?.tenant) ? row?.tenant : 'left';
        }, 'read only');
        if (within !== tenant) wrong += 1;
      }
    }),
  );
  const of = clients * rounds;
  if (wrong === 0) context.holds('pooler', { observed: `${of} turns of ${clients} clients, each with its own tenant` });
  else
    context.breaks(
      'pooler',
      `in ${wrong} of ${of} turns through the pooler a transaction began with, or saw, another tenant than its own`,
    );
}
