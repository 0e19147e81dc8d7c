import { type Database, DatabaseFailure } from '../../../probes/postgres.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { type Look, openAdmin } from './look.ts';
import type { Storm } from './storm.ts';

export interface Cancelling {
  readonly storms: readonly Storm[];
  /** Statements of the API that were cancelled meanwhile; null: none may be. */
  readonly cancelled: number | null;
}

const mostStorms = 4;

/** Somebody else's statements are cancelled only where nothing of value can be disturbed. */
export async function whileCancelling(
  context: BodyContext,
  look: Look,
  fewest: number,
  work: () => Promise<Storm>,
): Promise<Cancelling> {
  if (context.environment.kind !== 'disposable') {
    const why = 'left out: the statements of the API are cancelled on a disposable deployment only';
    context.note('cancelled requests', why);
    return { storms: [], cancelled: null };
  }
  const admin = await openAdmin(context);
  const storms: Storm[] = [];
  const ended = new AbortController();
  try {
    const cancelling = cancelUntil(admin, look, ended.signal);
    try {
      while (storms.length < mostStorms && cancelling.soFar() < fewest) storms.push(await work());
    } finally {
      ended.abort();
      await cancelling.done;
    }
    return { storms, cancelled: cancelling.soFar() };
  } finally {
    await admin.close();
  }
}

function cancelUntil(admin: Database, look: Look, ended: AbortSignal) {
  let cancelled = 0;
  const done = (async () => {
    const tables = await lockable(admin, look);
    while (!ended.aborted) {
      cancelled += await cancelWaiting(admin, tables, look.binding.role);
      await pause(betweenMs);
    }
  })();
  // Whoever waits for the end hears of it then.
  done.catch(() => undefined);
  return { done, soFar: () => cancelled };
}

const heldMs = 40;
const betweenMs = 120;

/** A quick statement is hardly ever met under way; for a moment all have to wait for a lock, and are cancelled while they do. */
async function cancelWaiting(admin: Database, tables: string, role: string): Promise<number> {
  try {
    return await admin.undone(async (ask) => {
      if (tables !== '') await ask(`lock table ${tables} in access exclusive mode`);
      await pause(heldMs);
      const rows = await ask(
        `select pg_cancel_backend(pid) as gone from pg_stat_activity where datname = current_database() and usename = $1 and application_name not like 'shakedown%' and state = 'active'`,
        [role],
      );
      await pause(heldMs / 4);
      return rows.filter(({ gone }) => gone === true).length;
    });
  } catch (error) {
    // Locks that cannot be had at once, or crossed those of others, are tried for again.
    if (error instanceof DatabaseFailure && /^(55P03|40P01|57014)$/.test(error.code ?? '')) return 0;
    throw error;
  }
}

async function lockable(admin: Database, { report }: Look): Promise<string> {
  const [row] = await admin.rows(
    `select coalesce(string_agg(c.oid::regclass::text, ', ' order by c.oid), '') as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname || '.' || c.relname = any ($1) and has_table_privilege(c.oid, 'update')`,
    [report.tenantTables],
  );
  return String(row?.tables ?? '');
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
