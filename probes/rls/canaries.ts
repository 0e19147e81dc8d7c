import { allForeign, type Stage, theseRows } from './ground.ts';
import { undone } from './insert.ts';
import type { play } from './stage.ts';
import { uuidPrefixOf } from './values.ts';

const mostNumbers = 300;

/** What only other tenants' rows hold: their canaries, the ids made for them, and their large numbers. */
export function foreignPattern({ world, seeds }: Stage, ofNobody = false): string {
  const { run } = world;
  const prefix = (tenant: string) => uuidPrefixOf(run, tenant).slice(run.length + 1, -2);
  const spared = ofNobody ? ['sh'] : ['a', 'sh'];
  const texts = `cnry-${run}-(?!${spared.map((one) => `${one}-`).join('|')})`;
  const ids = `${run}-(?!${spared.map(prefix).join('|')})[0-9a-f]{4}-4`;
  const numbers = numbersOf(seeds.rows, spared);
  return numbers.length === 0 ? `${texts}|${ids}` : `${texts}|${ids}|(?<![0-9])(?:${numbers.join('|')})(?![0-9])`;
}

/** Numbers long enough to be nobody else's by chance. */
function numbersOf(rows: Stage['seeds']['rows'], spared: readonly string[]): string[] {
  const inRows = (of: (tenant: string) => boolean) =>
    rows.filter(({ tenant }) => of(tenant)).flatMap(({ values }) => [...values.values()]);
  const known = new Set(inRows((tenant) => spared.includes(tenant)));
  const theirs = inRows((tenant) => tenant === 'b' || (tenant === 'a' && !spared.includes('a')));
  const distinct = new Set(theirs.filter((one) => one !== null && /^\d{10,}$/.test(one) && !known.has(one)));
  return ([...distinct] as string[]).slice(0, mostNumbers);
}

/** The same question with and without other tenants' rows; null: it does not answer alike twice, or the rows cannot be taken away. */
export async function changesWithOthers(stage: Stage, ask: () => ReturnType<typeof play>): Promise<boolean | null> {
  if (!stage.world.catalogue.superuser) return null;
  const [first, second] = [await ask(), await ask()];
  if (JSON.stringify(first) !== JSON.stringify(second)) return null;
  return undone(stage.database.bare, 'sd_without', async () => {
    await stage.database.bare('set local session_replication_role = replica');
    for (const [table, rows] of Map.groupBy(allForeign(stage), (one) => one.table))
      await stage.database.bare(`delete from ${table.sql} where ${theseRows(rows)}`);
    await stage.database.bare('set local session_replication_role = origin');
    return JSON.stringify(await ask()) !== JSON.stringify(first);
  });
}
