import type { Database } from '../postgres.ts';
import { contextProbes, ownProbes, type Probe, rehearseForeign, switchProbes } from './plan.ts';
import { mayAnything, type Privileges } from './privileges.ts';
import { reproduce } from './repro.ts';
import { belongsTo, type Seeder, type SeedRow, type World } from './seed.ts';
import { type Context, meaningOf, type Outcome, play, type Scene, text } from './stage.ts';
import { suggest } from './suggest.ts';
import type { Cell, Finding, RlsTable } from './types.ts';

export interface Stage {
  readonly database: Database;
  readonly world: World;
  readonly seeds: Seeder;
  readonly role: string;
  readonly own: Context;
  /** What says that it is another tenant's turn. */
  readonly otherKey: string;
  readonly privileges: ReadonlyMap<string, Privileges>;
  readonly bySession: boolean;
  /** No more rows than this are touched without a WHERE, unless the deployment is disposable. */
  readonly rowCap: number;
}

/** What lies in a table before a probe, as the privileged role counts it. */
export interface Ground {
  readonly table: RlsTable;
  readonly privileges: Privileges;
  readonly all: readonly SeedRow[];
  readonly mine: readonly SeedRow[];
  /** Rows of a context that is neither nobody's nor the first tenant's. */
  readonly own: readonly SeedRow[];
  readonly foreign: readonly SeedRow[];
  readonly total: number;
}

export interface Judged {
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
}

export async function groundOf(stage: Stage, table: RlsTable): Promise<Ground | string> {
  const privileges = stage.privileges.get(table.oid);
  if (!privileges || !mayAnything(privileges)) return 'no privilege';
  const family = familyOf(stage.world.catalogue.tables, table);
  const rows = stage.seeds.rows.filter(
    (row) => family.has(row.table.oid) || family.has(row.at.slice(0, row.at.indexOf(':'))),
  );
  const mine = rows.filter(({ tenant }) => tenant === 'a');
  const foreign = rows.filter(({ tenant }) => tenant !== 'a' && tenant !== 'sh');
  if (foreign.length === 0 || mine.length === 0) {
    const why = stage.seeds.failures.get(`${table.oid} b`) ?? stage.seeds.failures.get(`${table.oid} a`);
    return `no row of a tenant could be made: ${why ?? 'nothing could be put there'}`;
  }
  const [count] = await stage.database.bare(
    `select count(*)::int as n from (select from ${table.sql} limit ${stage.rowCap + 1}) as capped`,
  );
  return { table, privileges, all: rows, mine, own: [], foreign, total: Number(count?.n) };
}

/** A row put in through a table may lie in one of its parts. */
export function familyOf(tables: readonly RlsTable[], table: RlsTable): Set<string> {
  const family = new Set([table.oid]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const one of tables) if (one.partitionOf && family.has(one.partitionOf)) family.add(one.oid);
  }
  return family;
}

/** Every command on one table in the context of its own tenant, then in those that are nobody's. */
export async function probeTable(
  stage: Stage,
  table: RlsTable,
  contexts: readonly Context[],
  kinds: 'fresh' | 'all',
): Promise<Judged> {
  const ground = await groundOf(stage, table);
  if (typeof ground === 'string') return { cells: withoutGround(stage, table, ground), findings: [] };
  if (kinds === 'fresh') await rehearseForeign(stage, ground);
  const probes = [
    ...(kinds === 'all' ? await ownProbes(stage, ground) : []),
    ...contexts.flatMap((context) => contextProbes(stage, ground, context)),
    ...(kinds === 'all' ? switchProbes(stage, ground) : []),
  ];
  return judge(stage, ground, probes, kinds === 'all');
}

const withoutGround = (stage: Stage, table: RlsTable, why: string): Cell[] =>
  (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).map((command) => ({
    role: stage.role,
    where: table.label,
    command,
    context: 'any',
    variant: 'any',
    verdict: why === 'no privilege' ? 'HOLD' : 'UNPROBED',
    because: why === 'no privilege' ? 'the role has no privilege on it' : why,
  }));

async function judge(stage: Stage, ground: Ground, probes: readonly Probe[], needsProof: boolean): Promise<Judged> {
  const cells: Cell[] = [];
  const findings: Finding[] = [];
  let proven = !needsProof || deniesAll(stage, ground);
  for (const probe of probes) {
    const result = await settle(stage, ground, probe);
    if (result.proves) proven = true;
    if (probe.control) continue;
    cells.push({
      role: stage.role,
      where: ground.table.label,
      command: probe.command,
      context: probe.scene.context.name,
      variant: probe.variant,
      verdict: result.verdict,
      because: result.because,
    });
    if (result.verdict === 'LEAK') findings.push(findingOf(stage, ground, probe, result.because));
  }
  const why = 'the role did not reach its own rows in its own context, so that not reaching others shows nothing';
  return {
    cells: proven
      ? cells
      : cells.map((cell) => (cell.verdict === 'HOLD' ? { ...cell, verdict: 'UNPROBED', because: why } : cell)),
    findings,
  };
}

/** Row security without any policy for this role lets nothing through; that holds without a control. */
function deniesAll({ world, role }: Stage, { table, privileges }: Ground): boolean {
  const mine = world.catalogue.policies.filter(
    (policy) =>
      policy.table === table.oid &&
      policy.permissive &&
      (policy.roles.includes('public') || policy.roles.includes(role)),
  );
  return privileges.active && mine.every((policy) => policy.text === 'false');
}

interface Settled {
  readonly verdict: Cell['verdict'];
  readonly because: string;
  readonly proves: boolean;
}

async function settle(stage: Stage, ground: Ground, probe: Probe): Promise<Settled> {
  if (probe.unbounded && ground.total > stage.rowCap)
    return {
      verdict: 'UNPROBED',
      because: `the table holds more than ${stage.rowCap} rows, and the statement has no WHERE`,
      proves: false,
    };
  let outcome = await play(stage.database, probe.scene, probe.statement, probe.look);
  if (!outcome.ok && meaningOf(outcome.code) === 'busy')
    outcome = await play(stage.database, probe.scene, probe.statement, probe.look);
  const hidden = !outcome.ok && (meaningOf(outcome.code) === 'constraint' || /^P0/.test(outcome.code));
  if (hidden && probe.unbounded && stage.world.catalogue.superuser)
    outcome = await play(stage.database, { ...probe.scene, replica: true }, probe.statement, probe.look);
  if (!outcome.ok && (await reachedOthers(stage, ground, probe, outcome)))
    return {
      verdict: 'LEAK',
      because:
        'the USING of a policy reaches rows that are not its own; only the check of the new row stopped the write',
      proves: false,
    };
  return verdictOf(ground, probe, outcome);
}

/**
 * Rows that USING keeps away are passed over in silence. Where the new row is refused instead, the old one was reached: anybody's,
 * when it is nobody's turn; another tenant's, when the same change to the role's own rows alone goes through.
 */
async function reachedOthers(
  stage: Stage,
  ground: Ground,
  probe: Probe,
  outcome: Extract<Outcome, { ok: false }>,
): Promise<boolean> {
  if (!probe.harmless || outcome.code !== '42501' || !/row-level security/.test(outcome.message)) return false;
  const { tenant } = probe.scene.context;
  if (tenant === undefined && !probe.own) return probe.scene.context.role == null;
  if (tenant !== 'a') return false;
  const tids = text(`{${ground.mine.map(({ at }) => `"${at.slice(at.indexOf(':') + 1)}"`).join(',')}}`);
  const control = await play(
    stage.database,
    probe.scene,
    `${probe.statement} where ctid = any (${tids}::tid[])`,
    survivors(ground.table, ground.mine),
  );
  return control.ok && Number(control.after[0]?.n) < ground.mine.length;
}

function verdictOf(ground: Ground, probe: Probe, outcome: Outcome): Settled {
  if (outcome.ok) {
    const leaked = probe.leaked(outcome);
    return {
      verdict: leaked === null ? 'HOLD' : 'LEAK',
      because: leaked ?? 'own rows only',
      proves: probe.proves?.(outcome) ?? false,
    };
  }
  const meaning = meaningOf(outcome.code);
  const held = (because: string): Settled => ({ verdict: 'HOLD', because, proves: false });
  if (meaning === 'refused') return held('refused');
  if (probe.constraintLeaks && meaning === 'constraint')
    return { verdict: 'LEAK', because: `rows of another tenant were reached: ${outcome.message}`, proves: false };
  if (meaning === 'error' && (!probe.own || /^P0/.test(outcome.code)))
    return held(`held by an error instead of an empty answer: ${outcome.message}`);
  if (meaning === 'constraint' && probe.constraintHolds) return held(`a constraint keeps it: ${outcome.message}`);
  return { verdict: 'UNPROBED', because: `${ground.table.label}: ${outcome.message}`, proves: false };
}

function findingOf(stage: Stage, { table }: Ground, probe: Probe, because: string): Finding {
  const { world, seeds } = stage;
  return {
    rule: probe.rule,
    check: probe.own ? 'sec.rls.matrix' : 'sec.rls.context',
    severity: probe.severity ?? 'critical',
    where: `${table.label} ${probe.command}`,
    what: `as ${stage.role}, ${contextWords(probe)}, ${probe.variant}: ${because}`,
    reproduce: reproduce(world, seeds.rows, table, probe.scene, probe.statement, probe.look),
    fix: suggest(world, table, probe.command, stage.privileges.get(table.oid)),
  };
}

const contextWords = ({ scene }: Probe): string =>
  scene.context.name === 'tenant a' ? 'in the context of tenant a' : `in the context "${scene.context.name}"`;

/** Which of these rows still lie where they lay; a row that was written or deleted does not. */
export function survivors(table: RlsTable, rows: readonly SeedRow[]): string {
  const tids = rows.map(({ at }) => at.slice(at.indexOf(':') + 1));
  return `select count(*)::int as n from ${table.sql} where ctid = any (${text(`{${tids.map((tid) => `"${tid}"`).join(',')}}`)}::tid[]) and tableoid::text || ':' || ctid::text = any (${text(`{${rows.map(({ at }) => `"${at}"`).join(',')}}`)}::text[])`;
}

export async function ownedBy({ world, seeds }: Stage, table: RlsTable, tenant: string): Promise<string> {
  return belongsTo(table, (await seeds.keyOf(tenant)) ?? '', world);
}

export const sceneOf = (stage: Stage, context: Context, more: Partial<Scene> = {}): Scene => ({
  role: stage.role,
  context,
  bySession: stage.bySession,
  ...more,
});
