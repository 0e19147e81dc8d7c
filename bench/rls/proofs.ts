import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../../reference/database/provision.ts';
import { down, up } from '../../reference/index.ts';
import { type ShownHole, secondAdversary, secondTraps } from '../../test/rls/lab/adversary-two.ts';
import { labOn } from '../../test/rls/lab/lab.ts';

/** Every hole that brings its own SQL is shown by it, without the probes, and none of these statements shows a row of the unchanged base. */
const directory = mkdtempSync(join(tmpdir(), 'sd-proofs-'));
try {
  const { postgres } = await up({ directory, only: ['postgres'] });
  const lab = labOn(postgres.adminUrl);
  for (const [at, one] of secondAdversary.entries()) {
    const shown = await lab.within(`p${at}`, one.base, one.sql, (url, role) => tried(url, role, one)).catch(String);
    if (shown !== true) console.log(`no leak: ${one.base.name}, ${one.name}: ${shown}`);
  }
  for (const [at, one] of secondTraps.entries())
    await lab
      .within(`q${at}`, one.base, one.sql, async () => {})
      .catch((error) => console.log(`broken: ${one.base.name}, ${one.name}: ${error}`));
  console.log(JSON.stringify({ holes: secondAdversary.length, clean: secondTraps.length }));
} finally {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}

async function tried(url: string, role: string, { base, leak }: ShownHole): Promise<boolean> {
  const filled = (text: string) => text.replaceAll('ROLE', role);
  return withClient(url, async (client) => {
    await client.query(filled(base.seed));
    await client.query(`begin; set local role "${role}"; ${filled(base.first)}`);
    const told = await client.query(filled(leak));
    const last = [told].flat().at(-1);
    await client.query('rollback');
    return (last?.rowCount ?? 0) > 0;
  });
}
