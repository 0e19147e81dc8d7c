import { armProbes } from './arms.ts';
import { type Ground, groundOf, type Stage, survivors } from './ground.ts';
import { alone, impossible } from './insert.ts';
import { rehearseForeign } from './inserts.ts';
import { ownerColumns } from './keys.ts';
import { contextProbes, ownProbes } from './plan.ts';
import type { Probe } from './probe.ts';
import { reproduce } from './repro.ts';
import { type Context, meaningOf, type Outcome, play, text } from './stage.ts';
import { suggest } from './suggest.ts';
import { switchProbes } from './switches.ts';
import type { Cell, Finding, RlsTable } from './types.ts';

export interface Judged {
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
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
  // First, because it rehearses the rows that contexts of nobody try to store.
  const own = kinds === 'all' ? await ownProbes(stage, ground) : [];
  if (kinds === 'fresh') await rehearseForeign(stage, ground);
  const ofContexts: Probe[] = [];
  for (const context of contexts) ofContexts.push(...(await contextProbes(stage, ground, context)));
  const probes = [
    ...own,
    ...ofContexts,
    ...(kinds === 'all' ? [...switchProbes(stage, ground), ...(stage.thorough ? armProbes(stage, ground) : [])] : []),
  ];
  const judged = await judge(stage, ground, probes, kinds === 'all');
  const tried = kinds === 'fresh' || own.some(({ command }) => command === 'INSERT');
  return tried ? judged : { ...judged, cells: [...judged.cells, ...(await unstored(stage, ground))] };
}

/** No row could be thought of that the constraints let in: what the policies would have said of it nobody knows. */
async function unstored(stage: Stage, { table, privileges }: Ground): Promise<Cell[]> {
  if (privileges.insertable.length === 0) return [];
  const rows = [await stage.seeds.rehearse(table, 'a'), await stage.seeds.rehearse(table, 'b')];
  const why = rows.find((row) => typeof row === 'string' && row !== alone && row !== impossible);
  if (typeof why !== 'string') return [];
  const because = `no new row could be made to store: ${why}`;
  const cell = {
    role: stage.role,
    where: table.label,
    command: 'INSERT',
    context: 'tenant a',
    variant: 'any',
  } as const;
  return [{ ...cell, verdict: 'UNPROBED', because }];
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
  let stores = true;
  for (const probe of probes) {
    const result = await settle(stage, ground, probe);
    if (result.proves) proven = true;
    if (probe.control && probe.command === 'INSERT' && hasOwner(stage, ground))
      stores = result.proves || result.because !== 'refused' || !letsIn(stage, ground);
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
  const unproven = ({ verdict, command }: Cell): string | null => {
    if (verdict !== 'HOLD') return null;
    if (!proven)
      return 'the role did not reach its own rows in its own context, so that not reaching others shows nothing';
    return command === 'INSERT' && !stores
      ? 'no row of its own could be stored in its own context, so that none of others being stored shows nothing'
      : null;
  };
  return {
    cells: cells.map((cell) => {
      const because = unproven(cell);
      return because === null ? cell : { ...cell, verdict: 'UNPROBED', because };
    }),
    findings,
  };
}

/** A new tenant, or somebody whom no tenant knows yet, is nobody's own row; nor is a second one where a tenant has one alone. */
function hasOwner({ world }: Stage, { table }: Ground): boolean {
  const compared = world.carriers.comparisons.filter((one) => one.table === table.oid).map(({ column }) => column);
  const telling = new Set([...ownerColumns(world.keys, table), ...compared]);
  const single = table.uniques.some(({ columns }) => columns.length > 0 && columns.every((name) => telling.has(name)));
  return !single && /^(column|path)$/.test(world.keys.of.get(table.oid)?.kind ?? '');
}

/** A policy lets this role store something. */
const letsIn = ({ world, role }: Stage, { table }: Ground): boolean =>
  world.catalogue.policies.some(
    (policy) =>
      policy.table === table.oid &&
      policy.permissive &&
      /^(INSERT|ALL)$/.test(policy.command) &&
      (policy.roles.includes('public') || policy.roles.includes(role)) &&
      (policy.check ?? policy.using) !== 'false',
  );

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
  if (tenant === undefined && !probe.own) return probe.scene.context.role == null && !probe.scene.seedsOnly;
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
  const meaning = meaningOf(outcome.code, outcome.message);
  const held = (because: string): Settled => ({ verdict: 'HOLD', because, proves: false });
  if (meaning === 'refused') return held('refused');
  if (probe.constraintLeaks && meaning === 'constraint')
    return { verdict: 'LEAK', because: `rows of another tenant were reached: ${outcome.message}`, proves: false };
  if (meaning === 'error' && (!probe.own || /^P0/.test(outcome.code)))
    return held(`held by an error instead of an empty answer: ${outcome.message}`);
  // Somebody else's lock is no answer of the database: what waited for it was not tried.
  if (probe.mayFail && meaning !== 'busy') return held(`it cannot be done: ${outcome.message}`);
  if (meaning === 'constraint' && probe.constraintHolds) return held(`a constraint keeps it: ${outcome.message}`);
  return { verdict: 'UNPROBED', because: `${ground.table.label}: ${outcome.message}`, proves: false };
}

function findingOf(stage: Stage, { table }: Ground, probe: Probe, because: string): Finding {
  const { world, seeds } = stage;
  return {
    rule: probe.rule,
    check: probe.own ? 'sec.rls.matrix' : 'sec.rls.context',
    severity: probe.severity ?? 'critical',
    where: probe.where ?? `${table.label} ${probe.command}`,
    what: `as ${stage.role}, ${contextWords(probe)}, ${probe.variant}: ${because}`,
    reproduce: reproduce(world, seeds.rows, table, probe.scene, probe.statement, probe.look),
    fix: suggest(world, table, probe.command, stage.privileges.get(table.oid)),
  };
}

const contextWords = ({ scene }: Probe): string =>
  scene.context.name === 'tenant a' ? 'in the context of tenant a' : `in the context "${scene.context.name}"`;
