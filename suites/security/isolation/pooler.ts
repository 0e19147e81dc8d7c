import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../../../probes/postgres.ts';
import { isNobody } from '../../../probes/tenant-context.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { judgeConnection, placesOf } from './connections.ts';
import { judgeEndings } from './endings.ts';
import { eachServerConnection, type Left, tracesOf } from './left.ts';
import { type Look, openAdmin, placeOf } from './look.ts';

/** The clients of one look through the pooler, and what is known of it. */
export interface Through {
  readonly url: string;
  readonly clients: readonly Database[];
  readonly setting: string;
  /** All settings that say whose turn it is. */
  readonly settings: readonly string[];
}

const first = 12;
const most = 48;
const rounds = 20;

/**
 * Through the pooler one meets the very server connections that the API has used. All of them are held at once, so that each is
 * seen; each way a tenant's turn may end is gone through, and the next turn on the same server connection looked at; then many
 * clients take short turns, and each must see the tenant it has set itself and no other before.
 */
export async function judgePooler(context: BodyContext, look: Look, setting: string): Promise<void> {
  const { poolerUrl } = context.environment.database;
  if (poolerUrl === null) return;
  const before = await sessionsOf(context, look);
  const open: Database[] = [];
  try {
    while (open.length < first) open.push(await openDatabase(poolerUrl, context));
    const other = await whoElse(open[0]!, look);
    if (other !== null) return context.unmet(other, 'pooler');
    const settings = [...new Set([setting, ...look.report.carriers.filter((name) => name.includes('.'))])];
    const through: Through = { url: poolerUrl, clients: open, setting, settings };
    await judgeUsed(context, through, before);
    const places = await placesOf(open[0]!, look);
    await judgeEndings(context, through, places);
    await judgeTurns(context, through);
    await judgeConnection(context, open[0]!, setting, places, { name: 'through the pooler', assertion: 'pooler' });
  } finally {
    await Promise.all(open.map((connection) => connection.close()));
  }
}

/** Server processes of others that work as the app's role; nobody of ours has touched them yet. */
async function sessionsOf(context: BodyContext, { binding }: Look): Promise<ReadonlySet<number>> {
  const admin = await openAdmin(context);
  try {
    const rows = await admin.rows(
      `select pid from pg_stat_activity where datname = current_database() and usename = $1 and coalesce(application_name, '') not like 'shakedown%'`,
      [binding.role],
    );
    return new Set(rows.map(({ pid }) => Number(pid)));
  } finally {
    await admin.close();
  }
}

/** What is said of another role or another database says nothing of this one. */
async function whoElse(client: Database, look: Look): Promise<string | null> {
  const [row] = await client.rows('select session_user::text as role');
  const same = row?.role === look.binding.role && (await placeOf(client)) === look.place;
  return same ? null : `database.poolerUrl of the same role and the same database as database.appUrl`;
}

/** What the API has left on the pooler's connections, before anybody else uses them. */
async function judgeUsed(context: BodyContext, through: Through, before: ReadonlySet<number>): Promise<void> {
  const left = await meetAll(context, through);
  const used = left.filter(({ pid }) => before.has(pid)).length;
  context.note('server connections of the pooler', `${left.length} were met, ${used} of them were there before`);
  judgeTraces(context, left);
  if (used > 0 || context.environment.api === null) return;
  const needs = `database.poolerUrl of the pooler that the API connects through: none of its ${left.length} server connections was there before we came`;
  context.unmet(needs, 'pooler');
}

/** As long as every client has a server connection of its own there may be more of these; only a disposable deployment is pressed for all. */
async function meetAll(context: BodyContext, { url, clients, settings }: Through): Promise<readonly Left[]> {
  const more: Database[] = [];
  try {
    for (;;) {
      const all = [...clients, ...more];
      const left = await eachServerConnection(all, settings);
      const enough = left.length < all.length || all.length >= most || context.environment.kind !== 'disposable';
      if (enough) return left;
      for (let n = 0; n < first; n += 1) more.push(await openDatabase(url, context));
    }
  } finally {
    await Promise.all(more.map((connection) => connection.close()));
  }
}

/** Who one is may be set by the pooler for all of its connections alike; where they differ, a client has left it. */
function judgeTraces(context: BodyContext, left: readonly Left[]): void {
  const dirty = left.filter((one) => tracesOf(one).length > 0);
  const identities = [...new Set(left.map(({ identity }) => identity))];
  const observed = `${dirty.length} of ${left.length} server connections with something left on them`;
  const told = { expected: 'nothing left', observed };
  const what = [...new Set(dirty.flatMap(tracesOf))].join(', ');
  if (dirty.length > 0)
    context.breaks(
      'pooler',
      `${dirty.length} of ${left.length} server connections of the pooler hold, between two transactions, what somebody left: ${what}`,
      told,
    );
  else if (identities.length > 1)
    context.breaks(
      'pooler',
      `server connections of the pooler differ in who one is on them or where names are looked up: ${identities.join('; ')}`,
      told,
    );
  else context.holds('pooler', told);
}

async function judgeTurns(context: BodyContext, { clients, setting }: Through): Promise<void> {
  const wrong = (await Promise.all(clients.map((client) => wrongTurns(client, setting)))).reduce((a, b) => a + b, 0);
  const of = clients.length * rounds;
  if (wrong === 0)
    context.holds('pooler', { observed: `${of} turns of ${clients.length} clients, each with its own tenant` });
  else
    context.breaks(
      'pooler',
      `in ${wrong} of ${of} turns through the pooler a transaction began with, or saw, another tenant than its own`,
    );
}

async function wrongTurns(client: Database, setting: string): Promise<number> {
  let wrong = 0;
  for (let round = 0; round < rounds; round += 1) {
    const tenant = randomUUID();
    const within = await client.undone(async (ask) => {
      const [before] = await ask('select current_setting($1, true) as tenant', [setting]);
      await ask('select set_config($1, $2, true)', [setting, tenant]);
      const [row] = await ask('select current_setting($1, true) as tenant', [setting]);
      return isNobody(before?.tenant) ? row?.tenant : 'left';
    }, 'read only');
    if (within !== tenant) wrong += 1;
  }
  return wrong;
}
