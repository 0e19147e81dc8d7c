import { readdirSync } from 'node:fs';
import type { Body } from '../../runners/body.ts';

const folder = new URL('../../suites/smoke/', import.meta.url);

/** The bodies of `smoke.db.*` or `smoke.redis.*`, by the name of their check. */
export async function bodiesOf(area: 'db' | 'redis'): Promise<ReadonlyMap<string, Body>> {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${area}.`) && file.endsWith('.ts'));
  const bodies = files.map(async (file) => {
    const { default: body } = (await import(new URL(file, folder).href)) as { default: Body };
    return [`smoke.${file.slice(0, -3)}`, body] as const;
  });
  return new Map(await Promise.all(bodies));
}
