import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../postgres.ts';
import { carriersOf } from './carriers.ts';
import { readRlsCatalogue } from './catalogue.ts';
import { examineAll } from './examine.ts';
import { type KeyAnswers, keysOf } from './keys.ts';
import { further, makeTenantRoles } from './roles.ts';
import { seeder, type World } from './seed.ts';
import { text } from './stage.ts';
import type { RlsReport } from './types.ts';

export { isHole } from './report.ts';
export type { Cell, Finding, RlsReport } from './types.ts';

export interface RlsOptions {
  readonly role: string;
  readonly answers?: Partial<KeyAnswers>;
  /** Nothing of value is in it: no cap on rows, and functions are called whatever they do. */
  readonly disposable?: boolean;
  /** Only these tables (`schema.table`), and what they need; for a policy changed on purpose. */
  readonly only?: readonly string[];
  /** Also what only the lack of a privilege keeps back today: the role is granted all four commands, in the transaction. */
  readonly latent?: boolean;
  /** Eight hexadecimal digits; makes every value of the run. */
  readonly run?: string;
}

/** Proves, for one role and those it can become, that no tenant reaches another's rows. One transaction, rolled back whatever happens. */
export async function proveIsolation(database: Database, options: RlsOptions): Promise<RlsReport> {
  return database.undone(async () => {
    await database.bare(
      'set local idle_in_transaction_session_timeout = 0; set local client_min_messages = error; set local search_path = pg_catalog',
    );
    await refuseStrangers(database, options.role);
    const world = await worldOf(database, options);
    const others = await further(database, world, options.role);
    await usualPath(database, options.role);
    await makeTenantRoles(database, world, options.role);
    return examineAll({ database, world, seeds: seeder(world), others, options });
  }, 'read write');
}

/** Names are read in full; functions of policies are then called with the path the role would have. */
async function usualPath(database: Database, role: string): Promise<void> {
  const [found] =
    await database.bare(`select substring(setting from 13) as path from (select s.setrole, s.setdatabase, unnest(s.setconfig) as setting from pg_db_role_setting s
    where s.setdatabase in (0, (select oid from pg_database where datname = current_database())) and s.setrole in (0, (select oid from pg_roles where rolname = ${text(role)}))) all_settings
    where setting like 'search_path=%' order by setrole = 0, setdatabase = 0 limit 1`);
  await database.bare(`set local search_path = ${found ? String(found.path) : '"$user", public'}`);
}

async function refuseStrangers(database: Database, role: string): Promise<void> {
  const [found] = await database.bare(
    `select exists (select from pg_roles where rolname = ${text(role)}) as there, pg_has_role(session_user, (select oid from pg_roles where rolname = ${text(role)}), 'member') as may, (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as above`,
  );
  if (!found?.there) throw new RlsRefusal(`there is no role "${role}"`);
  if (!found.may) throw new RlsRefusal(`the role of the URL cannot become "${role}"`);
  if (!found.above)
    throw new RlsRefusal(
      "the role of the URL is bound by row level security itself, and could not count other tenants' rows: it must be a superuser or have BYPASSRLS",
    );
}

/** What was asked for cannot be done with what was given. */
export class RlsRefusal extends Error {}

async function worldOf(database: Database, { answers = {}, run, role }: RlsOptions): Promise<World> {
  const catalogue = await readRlsCatalogue(database.bare);
  const carriers = carriersOf(catalogue);
  const given: KeyAnswers = {
    columns: answers.columns ?? new Map(),
    ...(answers.setting && { setting: answers.setting }),
  };
  const keys = keysOf(catalogue, carriers, given);
  const id = run ?? randomBytes(4).toString('hex');
  const byRole = carriers.byRole || carriers.bySession;
  return {
    ask: database.bare,
    all: database.all,
    catalogue,
    keys,
    carriers,
    run: id,
    roleOf: (tenant) =>
      byRole && tenant !== 'sh'
        ? `sd_${id}_${tenant}_${createHash('sha256').update(role).digest('hex').slice(0, 4)}`
        : null,
  };
}
