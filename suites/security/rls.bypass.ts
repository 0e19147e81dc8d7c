import { randomUUID } from 'node:crypto';
import { baseHeaders } from '../../platform/auth.ts';
import { trpc } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import { type Database, openDatabase } from '../../probes/postgres.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { told } from '../smoke/connections.ts';
import { fewest, judgeAnswers, type Storms } from './isolation/answers.ts';
import { whileCancelling } from './isolation/cancelling.ts';
import { cancelled, judgeConnection, type Place, placesOf, type Situation, uses } from './isolation/connections.ts';
import { type Look, openAdmin } from './isolation/look.ts';
import { judgePooler } from './isolation/pooler.ts';
import { settingOf } from './isolation/role.ts';
import { judgeScope } from './isolation/scope.ts';
import { watchStatements } from './isolation/statements.ts';
import { type How, type Storm, storm, twoGuests } from './isolation/storm.ts';
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
    const each = await storms(context, look, (how) => storm(context, found.guests, anonymous, how));
    const seen = await watch.end();
    judgeAnswers(context, each);
    await judgeScope(context, admin, setting, look.binding.role, seen);
  } finally {
    await admin.close();
    await http.close();
  }
}

/** Undisturbed, then with clients that go half-way, then with statements that are cancelled; after each the next turns show what was left. */
async function storms(context: BodyContext, look: Look, ask: (how: How) => Promise<Storm>): Promise<Storms> {
  const first = await ask({ name: 'in turns', rounds: 240 });
  const cutOff = await ask({ name: 'some cut off', rounds: 240, cutWithinMs: Math.max(2, first.medianMs) });
  const cancelling = await whileCancelling(context, look, fewest, () =>
    ask({ name: 'some cancelled', rounds: 120, mayFail: true }),
  );
  const last = await ask({ name: 'in turns again', rounds: 80 });
  const all = [first, cutOff, ...cancelling.storms, last];
  return { all, cutOff, cancelled: cancelling.cancelled };
}
