import { parseEnvironment } from '../../environment/load.ts';
import { type Database, openDatabase } from '../../probes/postgres.ts';
import { isHole, proveIsolation, type RlsReport } from '../../probes/rls/index.ts';
import type { ReferenceStatus } from '../../reference/handle.ts';
import { type Mutant, mutantsOf, type PolicyRow, roleMutant, tableMutants } from './mutants.ts';

export interface PolicyProof {
  readonly policies: number;
  readonly mutants: number;
  readonly killed: number;
  readonly survivors: readonly {
    readonly table: string;
    readonly policy: string;
    readonly what: string;
    readonly plant: string;
  }[];
  /** What was said about the healthy schema: anything but nothing is a false alarm. */
  readonly alarms: readonly string[];
  /** Every policy is as it was before. */
  readonly unchanged: boolean;
  readonly complete: boolean;
  readonly tookMs: number;
  readonly proven: boolean;
}

export interface PolicyOptions {
  readonly deployment: ReferenceStatus;
  /** Names of tables; all of them unless said. */
  readonly tables: readonly string[];
  readonly signal: AbortSignal;
  say(line: string): void;
}

const setting = 'app.current_tenant_id';

/**
 * The suite's own score: every policy of the reference schema is made wrong in every way that is known, one at a time, and each
 * time the look at the database must see it. Only ever on the reference: what is planted is really there while it is looked at.
 */
export async function provePolicies(options: PolicyOptions): Promise<PolicyProof> {
  const began = performance.now();
  const database = await open(options.deployment.postgres.adminUrl);
  try {
    const role = decodeURIComponent(new URL(options.deployment.postgres.appUrl).username);
    const policies = await policiesOf(database, options.tables);
    const before = await allPolicies(database);
    const alarms = alarmsOf(await look(options.deployment, role, [...new Set(policies.map(({ label }) => label))]));
    options.say(`the healthy schema: ${alarms.length === 0 ? 'no alarm' : alarms.join('; ')}`);
    const mutants = everyMutant(policies, await policiesOf(database, []), role);
    const survivors = await survivorsOf(database, role, mutants, options);
    const unchanged = before === (await allPolicies(database));
    const complete = !options.signal.aborted;
    return {
      policies: policies.length,
      mutants: mutants.length,
      killed: mutants.length - survivors.length,
      survivors: survivors.map(({ label, name, what, plant }) => ({ table: label, policy: name, what, plant })),
      alarms,
      unchanged,
      complete,
      tookMs: Math.round(performance.now() - began),
      proven: complete && unchanged && alarms.length === 0 && survivors.length === 0 && mutants.length > 0,
    };
  } finally {
    await database.close();
  }
}

export function policyLines(proof: PolicyProof): string[] {
  const rate = proof.mutants === 0 ? 0 : (proof.killed / proof.mutants) * 100;
  return [
    proof.proven ? 'PROVEN' : 'NOT PROVEN',
    `${proof.killed} of ${proof.mutants} mutants of ${proof.policies} policies seen: kill rate ${Math.floor(rate * 10) / 10} % in ${Math.round(proof.tookMs / 1000)} s`,
    ...proof.survivors.map((one) => `  unseen: ${one.table} ${one.policy}: ${one.what}: ${one.plant}`),
    ...proof.alarms.map((alarm) => `  alarm on the healthy schema: ${alarm}`),
    ...(proof.unchanged ? [] : ['  the policies are not as they were before']),
    ...(proof.complete ? [] : ['the run was cut off before every mutant was planted']),
  ];
}

function everyMutant(policies: readonly PolicyRow[], all: readonly PolicyRow[], role: string): Mutant[] {
  const tables = new Map(policies.map(({ table, label }) => [label, table]));
  const [first] = tables.keys();
  return [
    ...policies.flatMap((policy) => mutantsOf(policy, setting, all)),
    ...[...tables].flatMap(([label, table]) => tableMutants(table, label, role)),
    ...(first === undefined ? [] : [roleMutant(role, first)]),
  ];
}

async function survivorsOf(
  database: Database,
  role: string,
  mutants: readonly Mutant[],
  { deployment, signal, say }: PolicyOptions,
): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  for (const [index, mutant] of mutants.entries()) {
    if (signal.aborted) return [...survivors, ...mutants.slice(index)];
    if (!(await isSeen(database, deployment, role, mutant))) {
      survivors.push(mutant);
      say(`UNSEEN ${mutant.label} ${mutant.name}: ${mutant.what}`);
    }
    if ((index + 1) % 50 === 0) say(`${index + 1} of ${mutants.length} mutants looked at`);
  }
  return survivors;
}

async function isSeen(database: Database, deployment: ReferenceStatus, role: string, mutant: Mutant): Promise<boolean> {
  await database.bare(mutant.plant);
  try {
    const { findings, cells } = await look(deployment, role, [mutant.label]);
    if (mutant.told !== undefined) return findings.some(({ rule }) => rule === mutant.told);
    // What is opened beside, so that this one alone holds, is not what has to be seen.
    const here = (where: string) =>
      mutant.name.startsWith('the table') || mutant.name.startsWith('role ') || where.startsWith(mutant.label);
    return (
      findings.some((one) => isHole(one) && here(one.where)) ||
      cells.some(({ verdict, where }) => verdict === 'LEAK' && here(where))
    );
  } finally {
    await database.bare(mutant.lift);
  }
}

/** On a connection of its own each time: on one that was used before, a setting is empty and never unset again. */
async function look({ postgres }: ReferenceStatus, role: string, only: readonly string[]): Promise<RlsReport> {
  const fresh = await open(postgres.adminUrl);
  try {
    return await proveIsolation(fresh, { role, only, latent: true, disposable: true });
  } finally {
    await fresh.close();
  }
}

const alarmsOf = ({ cells, findings }: RlsReport): string[] => [
  ...findings.filter(isHole).map(({ rule, where, what }) => `${rule} ${where}: ${what}`),
  ...cells
    .filter(({ verdict }) => verdict !== 'HOLD')
    .map(({ where, command, because }) => `${where} ${command}: ${because}`),
];

async function policiesOf(database: Database, tables: readonly string[]): Promise<PolicyRow[]> {
  const rows = await database.bare(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as table, schemaname || '.' || tablename as label, policyname::text as name,
       lower(cmd) as command, permissive = 'PERMISSIVE' as permissive, roles::text[] as roles, qual as using, with_check as check
     from pg_policies where $1::text[] = '{}' or tablename = any ($1) order by 1, 3`,
    [tables],
  );
  return rows as unknown as PolicyRow[];
}

const allPolicies = async (database: Database): Promise<string> =>
  JSON.stringify([
    await database.bare('select * from pg_policies order by schemaname, tablename, policyname'),
    await database.bare(
      `select oid::regclass::text, relrowsecurity, relforcerowsecurity from pg_class where relkind in ('r', 'p') order by 1`,
    ),
    await database.bare('select rolname, rolbypassrls, rolsuper from pg_roles order by 1'),
  ]);

async function open(url: string): Promise<Database> {
  const text = JSON.stringify({ name: 'reference', kind: 'disposable', timeoutMs: 30_000, database: { appUrl: url } });
  const { environment } = parseEnvironment(text, 'reference', {});
  return openDatabase(url, { environment: environment! });
}
