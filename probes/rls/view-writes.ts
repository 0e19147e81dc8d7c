import { quoted } from '../catalogue.ts';
import { tablesIn } from './carriers.ts';
import type { Seen } from './copies.ts';
import { allSurvivors, ownedBy, type Stage, sceneOf } from './ground.ts';
import { ownerColumns } from './keys.ts';
import { assignments, same } from './probe.ts';
import { reproduce } from './repro.ts';
import { placing, type SeedRow } from './seed.ts';
import { play } from './stage.ts';
import type { RlsTable, RlsView } from './types.ts';
import { literal, type Value } from './values.ts';

interface Write {
  readonly command: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly statement: string;
  readonly look: string;
  /** The look's number when nothing leaked. */
  readonly expected: number;
  readonly what: string;
  readonly before?: string;
  /** Without triggers and references, which could hide what the view lets through. */
  readonly replica?: boolean;
  /** What cannot be carried out does not happen. */
  readonly mayFail?: boolean;
}

/** Rows of others written through a view, put into their tenant, or moved there. */
export async function probeViewWrites(stage: Stage, view: RlsView, seen: Seen): Promise<void> {
  const privileges = stage.privileges.get(view.oid);
  if (!privileges) return;
  const { catalogue, keys } = stage.world;
  const read = catalogue.tables.filter(({ oid }) => view.reads.includes(oid) && keys.of.has(oid));
  // What only a function of its condition looks into is not written through it.
  const named = tablesIn(view.definition, read);
  const bases = named.length > 0 ? named : read;
  const row = stage.seeds.rows.find((one) => one.tenant === 'b' && bases.includes(one.table));
  if (!row) return;
  const writes = [
    ...changes(stage, view, row),
    ...(await arrivals(stage, view, row.table)),
    ...(await departures(stage, view, row.table)),
  ];
  for (const write of writes) await tryWrite(stage, view, write, seen);
}

/** Without a condition: whatever the view lets through is changed or deleted. */
function changes(stage: Stage, view: RlsView, row: SeedRow): Write[] {
  const privileges = stage.privileges.get(view.oid)!;
  const { sql, total } = allSurvivors(stage);
  const column = row.table.columns.find(
    (one) =>
      privileges.updatable.includes(one.name) &&
      view.columns.includes(one.name) &&
      !row.table.uniques.some(({ columns }) => columns.includes(one.name)) &&
      /text|char|bool|json|time/.test(one.type),
  );
  const shared = {
    look: sql,
    expected: total,
    what: 'rows of others are written through the view',
    replica: stage.world.catalogue.superuser,
  };
  const plain = [
    ...(privileges.delete ? [{ ...shared, command: 'DELETE' as const, statement: `delete from ${view.sql}` }] : []),
    ...(column
      ? [
          {
            ...shared,
            command: 'UPDATE' as const,
            statement: `update ${view.sql} set ${quoted(column.name)} = ${literal(row.values.get(column.name) ?? null, column)}`,
          },
        ]
      : []),
  ];
  // INSTEAD OF triggers write where they like, and only where triggers run.
  return [...plain, ...(shared.replica ? plain.map((one) => ({ ...one, replica: false, mayFail: true })) : [])];
}

async function arrivals(stage: Stage, view: RlsView, table: RlsTable): Promise<Write[]> {
  const may = stage.privileges.get(view.oid)!.insertable;
  const theirs = await stage.seeds.rehearse(table, 'b');
  if (typeof theirs === 'string' || !ownerColumns(stage.world.keys, table).every((name) => may.includes(name)))
    return [];
  const given = new Map<string, Value>([...theirs.values].filter(([name]) => may.includes(name)));
  const columns = table.columns.filter(({ name }) => given.has(name));
  const values = columns.map((column) => literal(given.get(column.name) ?? null, column)).join(', ');
  return [
    {
      command: 'INSERT',
      statement: `insert into ${view.sql} (${columns.map(({ name }) => quoted(name)).join(', ')}) values (${values})`,
      look: `select -count(*)::int as n from ${table.sql} where ${same(table, { ...theirs, values: given })}`,
      expected: 0,
      what: "a row with another tenant's key is stored through the view",
    },
  ];
}

async function departures(stage: Stage, view: RlsView, table: RlsTable): Promise<Write[]> {
  const may = stage.privileges.get(view.oid)!.updatable;
  const columns = ownerColumns(stage.world.keys, table);
  const [spare, theirs] = [await stage.seeds.rehearse(table, 'a'), await stage.seeds.rehearse(table, 'b')];
  if (typeof spare === 'string' || typeof theirs === 'string') return [];
  // Another row of the tenants' own table is another tenant already.
  if (stage.world.keys.of.get(table.oid)?.kind === 'root') return [];
  if (columns.length === 0 || !columns.every((name) => may.includes(name) && view.columns.includes(name))) return [];
  const owned = await ownedBy(stage, table, 'a');
  const [found] = await stage.database.bare(`select count(*)::int as n from ${table.sql} where ${owned}`);
  const shown = new Map([...spare.values].filter(([name]) => view.columns.includes(name)));
  return [
    {
      command: 'UPDATE',
      statement: `update ${view.sql} set ${assignments(table, theirs, columns)} where ${same(table, { ...spare, values: shown })}`,
      look: `select count(*)::int as n from ${table.sql} where ${owned}`,
      expected: spare.clears ? 1 : Number(found?.n) + 1,
      what: "own rows become another tenant's through the view",
      before: placing(spare),
    },
  ];
}

async function tryWrite(stage: Stage, view: RlsView, write: Write, seen: Seen): Promise<void> {
  const { command, statement, look, expected, what, before, replica, mayFail } = write;
  const scene = sceneOf(stage, stage.own, { ...(before && { before }), ...(replica && { replica }) });
  const outcome = await play(stage.database, scene, statement, look);
  const cell = {
    role: stage.role,
    where: view.label,
    command,
    context: stage.own.name,
    variant: `${command} through the view`,
  };
  const lost = outcome.ok ? expected - Number(outcome.after[0]?.n) : 0;
  if (!outcome.ok) {
    const held = mayFail || /^(42501|55000|0A000|44000|428C9|23...)$/.test(outcome.code);
    seen.cells.push({ ...cell, verdict: held ? 'HOLD' : 'UNPROBED', because: outcome.message });
    return;
  }
  if (lost <= 0) {
    seen.cells.push({ ...cell, verdict: 'HOLD', because: 'own rows only' });
    return;
  }
  seen.cells.push({ ...cell, verdict: 'LEAK', because: `${lost} ${what}` });
  seen.findings.push({
    rule: 'R19',
    check: 'sec.rls.matrix',
    severity: 'critical',
    where: `${view.label} ${command}`,
    what: `as ${stage.role}: ${lost} ${what}`,
    reproduce: reproduce(stage.world, stage.seeds.rows, null, scene, statement, look),
    fix: `ALTER VIEW ${view.sql} SET (security_invoker = true);`,
  });
}
