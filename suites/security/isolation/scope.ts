import type { Database } from '../../../probes/postgres.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { type Scope, type Sighting, scopeOf } from './statements.ts';

/**
 * What is set for a transaction ends with it, whatever happens; what is set for a connection stays until somebody takes it
 * back, and stays for good when a request dies first. So the statements themselves are read.
 */
export async function judgeScope(
  context: BodyContext,
  admin: Database,
  setting: string,
  role: string,
  seen: readonly Sighting[] | null,
): Promise<void> {
  if (seen === null) return context.unmet('pg_read_all_stats for the role of database.adminUrl', 'scope');
  const scopes = new Set(seen.flatMap(({ text }) => scopeOf(text, setting) ?? []));
  const told = { expected: 'set for one transaction', observed: words(scopes) };
  if (scopes.has('connection')) {
    const left = await leftOver(admin, setting, role);
    return context.breaks(
      'scope',
      `the API, or a pooler before it, sets ${setting} for a whole connection, not for one transaction${left > 0 ? `, and ${left} of its idle connections ended without taking it back` : ''}: what dies half-way leaves a tenant to the next`,
      told,
    );
  }
  // In the statistics every constant looks like a parameter; a statement that was met itself tells.
  const hidden = seen.some(({ text, normalised }) => !normalised && scopeOf(text, setting) === 'unknown');
  if (scopes.has('transaction') && !hidden) return context.holds('scope', told);
  const needs = scopes.has('unknown')
    ? `the text of the statements: ${setting} is set with a scope that is a parameter`
    : `a statement that sets ${setting}: none was seen while two tenants asked the API`;
  context.unmet(needs, 'scope');
}

const words = (scopes: ReadonlySet<Scope>): string =>
  scopes.size === 0
    ? 'no statement that sets a tenant'
    : [...scopes]
        .map((scope) => `set for one ${scope}`)
        .join(', ')
        .replace('one unknown', 'a scope that its text does not tell');

/** Idle connections of others whose last statement neither ended a transaction-bound tenant nor took a tenant back. */
async function leftOver(admin: Database, setting: string, role: string): Promise<number> {
  const rows = await admin.rows(
    `select query from pg_stat_activity where datname = current_database() and application_name not like 'shakedown%' and state = 'idle' and usename = $1`,
    [role],
  );
  const back = new RegExp(String.raw`discard\s+all|reset\s+(all|"?${setting.replaceAll('.', '"?\\."?')})`, 'i');
  return rows.filter(({ query }) => !back.test(String(query))).length;
}
