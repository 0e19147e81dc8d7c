import type { Database } from '../../../probes/postgres.ts';

/** A statement the deployment was seen to send, with the role that sent it. */
export interface Sighting {
  readonly role: string;
  readonly text: string;
  /** From the statistics of statements, which put a parameter in the place of every constant. */
  readonly normalised?: true;
}

export interface Watch {
  /** Ends the watching. `null`: the watching role may not see what others send. */
  end(): Promise<readonly Sighting[] | null>;
}

const everyMs = 4;

/**
 * Reads what the sessions of the deployment are sending, over and over, while it is made to work; our own sessions say
 * by their name that they are ours. What no look happened to meet is taken from the statistics of statements, where they are kept.
 */
export async function watchStatements(admin: Database, setting: string): Promise<Watch> {
  const pattern = `set_config|${setting.replaceAll('.', '\\.')}`;
  if (!(await mayWatch(admin))) return { end: async () => null };
  const kept = await keptBefore(admin, pattern);
  const seen = new Map<string, Sighting>();
  let going = true;
  const watching = (async () => {
    while (going) {
      for (const row of await admin.bare(activitySql, [pattern])) note(seen, String(row.role), String(row.text));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async end() {
      going = false;
      await watching;
      for (const { role, text } of await keptSince(admin, pattern, kept))
        if (!seen.has(`${role} ${text}`)) seen.set(`${role} ${text}`, { role, text, normalised: true });
      return [...seen.values()];
    },
  };
}

const note = (seen: Map<string, Sighting>, role: string, text: string) => seen.set(`${role} ${text}`, { role, text });

const others = `datname = current_database() and usename is not null and application_name not like 'shakedown%'`;
const activitySql = `select distinct usename::text as role, left(query, 2000) as text from pg_stat_activity where ${others} and query ~* $1`;

async function mayWatch(admin: Database): Promise<boolean> {
  const [row] = await admin.rows(
    `select rolsuper or pg_has_role(oid, 'pg_read_all_stats', 'usage') as may from pg_roles where rolname = current_user`,
  );
  return row?.may === true;
}

interface Kept {
  readonly view: string | null;
  readonly calls: ReadonlyMap<string, number>;
}

const statementsOf = (admin: Database, view: string, pattern: string) =>
  admin.rows(
    `select userid::regrole::text as role, query as text, sum(calls)::float8 as calls from ${view}
     where dbid = (select oid from pg_database where datname = current_database()) and query ~* $1 group by 1, 2`,
    [pattern],
  );

async function keptBefore(admin: Database, pattern: string): Promise<Kept> {
  const [found] = await admin.rows(
    `select quote_ident(n.nspname) || '.pg_stat_statements' as view from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'`,
  );
  if (!found) return { view: null, calls: new Map() };
  const view = String(found.view);
  // The extension may be made without its library being loaded; then there is nothing to read.
  const rows = await statementsOf(admin, view, pattern).catch(() => null);
  return {
    view: rows && view,
    calls: new Map((rows ?? []).map((row) => [`${row.role} ${row.text}`, Number(row.calls)])),
  };
}

async function keptSince(admin: Database, pattern: string, { view, calls }: Kept): Promise<Sighting[]> {
  const rows = view === null ? [] : await statementsOf(admin, view, pattern);
  return rows
    .map((row) => ({ role: String(row.role), text: String(row.text), calls: Number(row.calls) }))
    .filter(({ role, text, calls: now }) => now > (calls.get(`${role} ${text}`) ?? 0));
}

export type Scope = 'connection' | 'unknown' | 'transaction';

/** How long what a statement sets will last; `unknown`: its text does not tell. null: it sets no tenant, or takes one back. */
export function scopeOf(text: string, setting: string): Scope | null {
  const found = [...plainSets(text, setting), ...configCalls(text, setting)];
  return (['connection', 'unknown', 'transaction'] as const).find((scope) => found.includes(scope)) ?? null;
}

/** `SET [SESSION | LOCAL] name = value`; the empty value and DEFAULT take a tenant back. */
function plainSets(text: string, setting: string): Scope[] {
  const name = setting
    .split('.')
    .map((part) => `"?${part}"?`)
    .join('\\.');
  const pattern = new RegExp(String.raw`\bset\s+(?:(session|local)\s+)?${name}\s*(?:=|\bto\b)\s*(''|default\b)?`, 'gi');
  return [...text.matchAll(pattern)].flatMap(([, scope, nothing]): Scope[] => {
    if (nothing !== undefined) return [];
    return [scope?.toLowerCase() === 'local' ? 'transaction' : 'connection'];
  });
}

/** `set_config(name, value, is_local)`; a name that is a parameter may be the tenant's. */
function configCalls(text: string, setting: string): Scope[] {
  const argument = String.raw`((?:[^,;()']|'(?:[^']|'')*'|\((?:[^()]|\([^()]*\))*\))+)`;
  const pattern = new RegExp(String.raw`set_config\s*\(\s*${argument},${argument},${argument}\)`, 'gi');
  return [...text.matchAll(pattern)].flatMap(([, name = '', value = '', local = '']): Scope[] => {
    const mine = /^\s*\$\d+/.test(name) || name.includes(`'${setting}'`);
    if (!mine || /^\s*''/.test(value)) return [];
    if (/^\s*'?(true|t|on|yes|1)\b/i.test(local)) return ['transaction'];
    return [/^\s*'?(false|f|off|no|0)\b/i.test(local) ? 'connection' : 'unknown'];
  });
}
