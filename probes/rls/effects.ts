import { attached, crossing } from './attachments.ts';
import { allSurvivors, type Ground, type Stage, sceneOf, theseRows } from './ground.ts';
import { insertSql } from './insert.ts';
import { count, harmless, type Probe, same } from './probe.ts';
import { placing, type SeedRow } from './seed.ts';
import { enter, type Scene } from './stage.ts';
import type { ForeignKey, RlsTable } from './types.ts';

/** What its own writes do elsewhere: triggers and references act without looking at policies. */
export async function effects(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  return [...(await ownWrites(stage, ground, scene)), ...(await cascades(stage, ground, scene))];
}

async function ownWrites(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { table, privileges, mine } = ground;
  const { sql, total } = allSurvivors(stage);
  const fresh = privileges.insert ? await stage.seeds.rehearse(table, 'a') : 'no privilege';
  const update = harmless(ground);
  const probe = (command: Probe['command'], statement: string): Probe => ({
    rule: 'R24',
    command,
    variant: `${command} of its own, and what it does elsewhere`,
    scene,
    own: true,
    mayFail: true,
    statement,
    look: sql,
    leaked: (answer) =>
      count(answer) < total ? `${total - count(answer)} rows of others are written by what it sets off` : null,
  });
  // What goes wrong for one row goes wrong for the statement; the usual row is tried by itself as well.
  const sets = mine.length > 1 ? [mine, mine.slice(0, 1)] : [mine];
  return [
    ...(typeof fresh === 'string' ? [] : [probe('INSERT', insertSql(table, fresh.values))]),
    ...sets.flatMap((rows) => [
      ...(update ? [probe('UPDATE', `update ${table.sql} set ${update} where ${theseRows(rows)}`)] : []),
      ...(privileges.delete ? [probe('DELETE', `delete from ${table.sql} where ${theseRows(rows)}`)] : []),
    ]),
  ];
}

/** Another tenant has hung a row of its own on this one's; when this one deletes, that row goes or changes. */
async function cascades(stage: Stage, ground: Ground, scene: Scene): Promise<Probe[]> {
  const { catalogue } = stage.world;
  if (!ground.privileges.delete) return [];
  const incoming = catalogue.foreignKeys.filter((one) => one.to === ground.table.oid && /[cnd]/.test(one.onDelete));
  const probes: Probe[] = [];
  for (const reference of incoming) {
    const child = catalogue.tables.find(({ oid }) => oid === reference.from)!;
    const probe = await cascade(stage, ground, scene, { reference, child });
    if (probe) probes.push(probe);
  }
  return probes;
}

async function cascade(
  stage: Stage,
  { table }: Ground,
  scene: Scene,
  { reference, child }: { readonly reference: ForeignKey; readonly child: RlsTable },
): Promise<Probe | null> {
  const privileges = stage.privileges.get(child.oid);
  const leads = crossing(stage, { table: child } as Ground).includes(reference);
  if (!leads || !privileges?.insert) return null;
  const theirs = await stage.seeds.rehearse(child, 'b');
  const parent = await stage.seeds.rehearse(table, 'a');
  if (typeof theirs === 'string' || typeof parent === 'string') return null;
  const hung: SeedRow = attached(theirs, reference, parent);
  const asOther = enter(sceneOf(stage, stage.other));
  return {
    rule: 'R33',
    command: 'DELETE',
    variant: `DELETE of what another tenant's row refers to by ${reference.columns.join(', ')}`,
    scene: {
      ...scene,
      before: `${placing(parent)}; ${asOther}; ${insertSql(child, hung.values)}; reset session authorization; reset role`,
    },
    own: true,
    mayFail: true,
    severity: 'high',
    statement: `delete from ${table.sql} where ${same(table, parent)}`,
    look: `select count(*)::int as n from ${child.sql} where ${same(child, hung)}`,
    leaked: (answer) => (count(answer) === 0 ? `another tenant's row in ${child.label} goes or changes with it` : null),
  };
}
