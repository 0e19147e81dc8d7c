import { randomUUID } from 'node:crypto';
import { baseHeaders } from '../../platform/auth.ts';
import { trpc } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import { type Database, openDatabase } from '../../probes/postgres.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { told } from '../smoke/connections.ts';
import { cancelled, judgeConnection, type Place, placesOf, type Situation, uses } from './isolation/connections.ts';
import { type Look, openAdmin } from './isolation/look.ts';
import { judgePooler } from './isolation/pooler.ts';
import { settingOf } from './isolation/role.ts';
import { judgeScope } from './isolation/scope.ts';
import { watchStatements } from './isolation/statements.ts';
import { type Storm, storm, twoGuests } from './isolation/storm.ts';
import { withLook } from './isolation/tell.ts';

const body: Body = (context) =>
  withLook(context, ['fresh', 'reused', 'answers', 'scope', 'cells'], async (look) => {
    const setting = settingOf(look);
    await told(context, ['fresh', 'reused', 'cells'], () => judgeConnections(context, look, setting));
    await told(context, ['answers', 'scope'], () => judgeApi(context, look, setting));
    await told(context, ['pooler'], () => judgePooler(context, look, setting));
  });

export default body;

const connectionsAtOnce = 4;

/** Connections of our own as the app's role: what the database itself leaves behind, whoever uses it. */
async function judgeConnections(context: BodyContext, look: Look, setting: string): Promise<void> {
  const open: Database[] = [];
  try {
    while (open.length < connectionsAtOnce)
      open.push(await openDatabase(context.environment.database.appUrl!, context));
    const places = await placesOf(open[0]!, look);
    const judge = (connection: Database, situation: Situation) =>
      judgeConnection(context, connection, setting, places, situation);
    for (const connection of open.slice(1))
      await judge(connection, { name: 'on a fresh connection', assertion: 'fresh' });
    const tenant = look.report.tenantColumn === null ? 'nobody' : randomUUID();
    for (const { name, use } of uses)
      for (const connection of open) {
        await use(connection, setting, tenant);
        await judge(connection, { name, assertion: 'reused' });
      }
    await cancelled(open[0]!, open[1]!, setting, tenant);
    await judge(open[0]!, { name: 'after a cancelled statement', assertion: 'reused' });
    noteEmpty(context, places);
  } finally {
    await Promise.all(open.map((connection) => connection.close()));
  }
}

const noteEmpty = (context: BodyContext, places: readonly Place[]): void =>
  context.note(
    'rows to be seen',
    `${places.length} tables were read as they are; those without rows show nothing here, and are looked at with rows of our own in sec.rls.context`,
  );

async function judgeApi(context: BodyContext, look: Look, setting: string): Promise<void> {
  const { api } = context.environment;
  if (api === null) return;
  const http = openHttp(context);
  const admin = await openAdmin(context);
  try {
    const found = await twoGuests(context, http, admin);
    if (found.kind === 'unmet') {
      context.unmet(found.needs, 'answers');
      return context.unmet(found.needs, 'scope');
    }
    const anonymous = trpc(http, { ...api, headers: baseHeaders(api) });
    const watch = await watchStatements(admin, setting);
    const each = [
      await storm(context, found.guests, anonymous, { name: 'in turns', rounds: 240, cutOff: false, mayFail: false }),
      await storm(context, found.guests, anonymous, {
        name: 'some cut off',
        rounds: 160,
        cutOff: true,
        mayFail: false,
      }),
      await whileCancelling(context, admin, look, () =>
        storm(context, found.guests, anonymous, { name: 'some cancelled', rounds: 80, cutOff: false, mayFail: true }),
      ),
      await storm(context, found.guests, anonymous, {
        name: 'in turns again',
        rounds: 80,
        cutOff: false,
        mayFail: false,
      }),
    ].filter((one) => one !== null);
    const seen = await watch.end();
    judgeAnswers(context, each);
    await judgeScope(context, admin, setting, look.binding.role, seen);
  } finally {
    await admin.close();
    await http.close();
  }
}

function judgeAnswers(context: BodyContext, each: readonly Storm[]): void {
  const sum = (of: (one: Storm) => number) => each.reduce((total, one) => total + of(one), 0);
  const [asked, answered, cutOff, limited] = [
    sum((s) => s.asked),
    sum((s) => s.answered),
    sum((s) => s.cutOff),
    sum((s) => s.limited),
  ];
  const odd = each.flatMap((one) => [...one.odd].map(([what, times]) => `${what} ${times} times`));
  if (odd.length > 0) context.note('answers that were neither own data nor a refusal', odd.slice(0, 6).join('; '));
  const useful = answered - limited;
  const observed = `${answered} of ${asked} requests answered, ${cutOff} cut off, ${limited} refused by a limit: none with anything of another's`;
  if (useful >= asked / 3) context.holds('answers', { observed });
  else context.unmet(`an API that answers: only ${useful} of ${asked} requests in turns got an answer`, 'answers');
}

/** Somebody else's statements are cancelled only where nothing of value can be disturbed. */
async function whileCancelling(
  context: BodyContext,
  admin: Database,
  look: Look,
  work: () => Promise<Storm>,
): Promise<Storm | null> {
  if (context.environment.kind !== 'disposable') {
    context.note(
      'cancelled requests',
      'left out: the statements of the API are cancelled on a disposable deployment only',
    );
    return null;
  }
  let going = true;
  const cancelling = (async () => {
    while (going) {
      await admin.bare(
        `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and usename = $1 and application_name not like 'shakedown%' and state <> 'idle' limit 2`,
        [look.binding.role],
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  const done = await work();
  going = false;
  await cancelling;
  return done;
}
