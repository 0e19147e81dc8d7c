import { useAccount } from '../../../platform/accounts.ts';
import { openHttp } from '../../../probes/http.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { told } from '../../smoke/connections.ts';
import { type Look, openAdmin } from './look.ts';
import { type Sighting, scopeOf, watchStatements } from './statements.ts';

const asks = 60;

/**
 * A proof about one role is worth nothing when the API connects as another. A tenant of our own asks the API for its own data,
 * and the sessions that set a tenant meanwhile must be those of the role that was looked at.
 */
export async function judgeRole(context: BodyContext, look: Look): Promise<void> {
  if (context.environment.api === null) return;
  await told(context, ['role'], async () => {
    const admin = await openAdmin(context);
    try {
      const setting = settingOf(look);
      const watch = await watchStatements(admin, setting);
      const why = await askAsTenant(context);
      const seen = await watch.end();
      if (why !== null) context.unmet(why, 'role');
      else if (seen === null) context.unmet('pg_read_all_stats for the role of database.adminUrl', 'role');
      else
        judge(
          context,
          look.binding.role,
          seen.filter(({ text }) => scopeOf(text, setting) !== null),
        );
    } finally {
      await admin.close();
    }
  });
}

export const settingOf = ({ report }: Look): string =>
  report.carriers.find((name) => name.includes('.')) ?? 'app.current_tenant_id';

function judge(context: BodyContext, role: string, seen: readonly Sighting[]): void {
  const roles = [...new Set(seen.map((one) => one.role))];
  const strangers = roles.filter((one) => one !== role);
  const told = { expected: role, observed: roles.join(', ') || 'no session that sets a tenant' };
  if (strangers.length > 0) {
    const because = `the API works for a tenant as ${strangers.join(', ')}, and database.appUrl is ${role}: what is proven of one role says nothing of another`;
    context.breaks('role', because, told);
  } else if (roles.length > 0) context.holds('role', told);
  else {
    const needs = `a request of a tenant that is seen in the database: ${asks} were sent, and no session set a tenant meanwhile`;
    context.unmet(needs, 'role');
  }
}

/** Why nobody could ask, or null. */
async function askAsTenant(context: BodyContext): Promise<string | null> {
  const http = openHttp(context);
  try {
    const use = await useAccount(context, http);
    if (use.kind === 'unmet') return use.needs;
    if (use.kind === 'failed') return `an account that can sign in: ${use.because}`;
    const { client } = use.account;
    for (let round = 0; round < asks / 6; round += 1)
      await Promise.all(
        ['users.me', 'sessions.list', 'users.me', 'sessions.list', 'users.me', 'sessions.list'].map((path) =>
          client.query(path, path.endsWith('list') ? {} : undefined),
        ),
      );
    return null;
  } finally {
    await http.close();
  }
}
