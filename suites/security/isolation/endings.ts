import { randomUUID } from 'node:crypto';
import { type Ask, type Database, openDatabase } from '../../../probes/postgres.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { beginAs, cancelled, judgePlaces, type Place, uses } from './connections.ts';
import { eachServerConnection, type Left, tracesOf } from './left.ts';
import type { Through } from './pooler.ts';

/** One way a tenant's turn through the pooler ends; answers the server process it was on. */
interface Ending {
  readonly name: string;
  readonly goThrough: (context: BodyContext, through: Through, tenant: string) => Promise<number>;
}

const endings: readonly Ending[] = [
  ...uses.map(({ name, use }) => ({
    name,
    goThrough: (context: BodyContext, { url, setting }: Through, tenant: string) =>
      withClient(context, url, (client) => use(client, setting, tenant)),
  })),
  {
    name: 'after a cancelled statement',
    goThrough: (context, { url, clients, setting }, tenant) =>
      withClient(context, url, (client) => cancelled(client, clients[0]!, setting, tenant)),
  },
  {
    name: 'after a client that went in the middle of a statement',
    goThrough: (context, through, tenant) => cutOff(context, through, tenant, 'select pg_sleep(0.4)'),
  },
  {
    name: 'after a client that went in the middle of a transaction',
    goThrough: (context, through, tenant) => cutOff(context, through, tenant, null),
  },
];

/** However one tenant's turn ends, whoever comes next on the same server connection finds nothing of it. */
export async function judgeEndings(context: BodyContext, through: Through, places: readonly Place[]): Promise<void> {
  const unseen: string[] = [];
  for (const { name, goThrough } of endings) {
    const tenant = randomUUID();
    const pid = await goThrough(context, through, tenant);
    if (!(await judgeNext(context, through, { pid, name, places }))) unseen.push(name);
  }
  if (unseen.length > 0)
    context.unmet(`a second turn on the same server connection of the pooler ${unseen.join(', ')}`, 'pooler');
}

interface Next {
  readonly pid: number;
  readonly name: string;
  readonly places: readonly Place[];
}

const tries = 20;

/** False: the server connection lives, and none of our clients was given it. */
async function judgeNext(context: BodyContext, through: Through, next: Next): Promise<boolean> {
  for (let n = 0; n < tries; n += 1) {
    let met = false;
    await eachServerConnection(through.clients, through.settings, async (ask, left) => {
      if (left.pid !== next.pid) return;
      met = true;
      await judgeServer(context, ask, left, { ...next, setting: through.setting });
    });
    if (met) return true;
    if (!(await isThere(through.clients[0]!, next.pid))) {
      const observed = `${next.name}: the pooler closed the server connection`;
      context.holds('pooler', { expected: 'nothing left', observed });
      return true;
    }
    await pause(100);
  }
  return false;
}

/** First as nobody, then as another tenant, who must be the only one there. */
async function judgeServer(
  context: BodyContext,
  ask: Ask,
  left: Left,
  { name, places, setting }: Next & { readonly setting: string },
): Promise<void> {
  const traces = tracesOf(left);
  const told = { expected: 'nothing left', observed: `${name}: ${traces.join(', ') || 'nothing left'}` };
  if (traces.length > 0)
    context.breaks('pooler', `${name}, the same server connection of the pooler holds ${traces.join(', ')}`, told);
  else context.holds('pooler', told);
  await judgePlaces(context, ask, places, `${name}, through the pooler`);
  const tenant = randomUUID();
  const [row] = await ask('select set_config($1, $2, true) as set, current_setting($1, true) as tenant', [
    setting,
    tenant,
  ]);
  if (row?.tenant !== tenant)
    context.breaks('pooler', `${name}, the next tenant on the same server connection is not the one it has set`);
}

async function isThere(client: Database, pid: number): Promise<boolean> {
  return (await client.rows('select 1 from pg_stat_activity where pid = $1', [pid])).length > 0;
}

async function withClient<T>(context: BodyContext, url: string, use: (client: Database) => Promise<T>): Promise<T> {
  const client = await openDatabase(url, context);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The client's connection is torn, as by a process that was killed; `work` is then under way. */
async function cutOff(
  context: BodyContext,
  { url, setting }: Through,
  tenant: string,
  work: string | null,
): Promise<number> {
  const cut = new AbortController();
  const signal = AbortSignal.any([context.signal, cut.signal]);
  const client = await openDatabase(url, { environment: context.environment, signal });
  try {
    const pid = await beginAs(client, setting, tenant);
    const going = work === null ? null : client.bare(work).catch(() => undefined);
    if (going) await pause(100);
    cut.abort();
    await going;
    return pid;
  } finally {
    await client.close();
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
