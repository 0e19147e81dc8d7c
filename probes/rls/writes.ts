import { type Ground, survivors } from './ground.ts';
import { type Answer, at, count, harmless, keyed, type Probe } from './probe.ts';
import type { SeedRow } from './seed.ts';
import type { Scene } from './stage.ts';

/** Without a WHERE, so that no SELECT policy helps. */
export function writes(ground: Ground, scene: Scene, own: boolean): Probe[] {
  const { table, privileges, mine, foreign } = ground;
  const update = harmless(ground);
  const look = `select (${survivors(table, foreign)}) as n, (${survivors(table, mine)}) as own`;
  const base = {
    scene,
    own,
    look,
    unbounded: true,
    rule: own ? 'R09' : 'R10',
    proves: (answer: Answer) => own && Number(answer.after[0]?.own) < mine.length,
  };
  const lost = (what: string, counted: readonly SeedRow[]) => (answer: Answer) => {
    const left = count(answer) + (own ? 0 : Number(answer.after[0]?.own));
    return left < counted.length ? `${counted.length - left} rows that are not its own are ${what}` : null;
  };
  const all = own ? foreign : [...foreign, ...mine];
  return [
    ...(update
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE without WHERE',
            statement: `update ${table.sql} set ${update}`,
            leaked: lost('changed', all),
            harmless: true,
          },
        ]
      : []),
    ...(privileges.delete
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE without WHERE',
            statement: `delete from ${table.sql}`,
            leaked: lost('deleted', all),
          },
        ]
      : []),
  ];
}

/** By key, with RETURNING, and by MERGE. */
export function otherWrites(ground: Ground, scene: Scene, version: number): Probe[] {
  const { table, privileges, foreign } = ground;
  const victim = keyed(table, foreign[0]!);
  const update = harmless(ground);
  const base = { scene, own: true, look: survivors(table, foreign), rule: 'R09' };
  const lost = (answer: Answer) =>
    count(answer) < foreign.length ? `${foreign.length - count(answer)} rows that are not its own are written` : null;
  const returned = (answer: Answer) =>
    lost(answer) ??
    (answer.rows.some((row) => foreign.some(({ at: place }) => place === row.at))
      ? 'rows of others are returned'
      : null);
  return [
    ...(update && victim
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE by key',
            statement: `update ${table.sql} set ${update} where ${victim}`,
            leaked: lost,
            constraintLeaks: true,
          },
        ]
      : []),
    ...(update && privileges.select
      ? [
          {
            ...base,
            command: 'UPDATE' as const,
            variant: 'UPDATE RETURNING',
            statement: `update ${table.sql} set ${update} returning ${at}`,
            unbounded: true,
            leaked: returned,
          },
        ]
      : []),
    ...(privileges.delete && victim
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE by key',
            statement: `delete from ${table.sql} where ${victim}`,
            leaked: lost,
            constraintLeaks: true,
          },
        ]
      : []),
    ...(privileges.delete && privileges.select
      ? [
          {
            ...base,
            command: 'DELETE' as const,
            variant: 'DELETE RETURNING',
            statement: `delete from ${table.sql} returning ${at}`,
            unbounded: true,
            leaked: returned,
          },
        ]
      : []),
    ...(version >= firstWithMerge ? merges(ground, base, update) : []),
  ];
}

const firstWithMerge = 150_000;

/** MERGE had its own way past the policies (CVE-2023-39418), and is a path of its own in every trigger and rule. */
function merges(
  { table, privileges, foreign }: Ground,
  base: Pick<Probe, 'scene' | 'own' | 'look' | 'rule'>,
  update: string | null,
): Probe[] {
  const probe = (command: 'UPDATE' | 'DELETE', action: string): Probe => ({
    ...base,
    command,
    variant: `MERGE that ${command.toLowerCase()}s`,
    unbounded: true,
    statement: `merge into ${table.sql} using (select 1) as sd_source on true when matched then ${action}`,
    leaked: (answer) =>
      count(answer) < foreign.length ? `${foreign.length - count(answer)} rows that are not its own are written` : null,
  });
  return [
    ...(update ? [probe('UPDATE', `update set ${update}`)] : []),
    ...(privileges.delete ? [probe('DELETE', 'delete')] : []),
  ];
}
