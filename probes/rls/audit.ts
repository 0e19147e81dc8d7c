import { functions, memberships, policies } from './audit-policies.ts';
import { mistakenReferences } from './audit-references.ts';
import { asked } from './audit-roles.ts';
import { relations, tables, uniques } from './audit-tables.ts';
import type { Stage } from './ground.ts';
import type { Finding } from './types.ts';
import { versionFindings } from './versions.ts';

export type Draft = Omit<Finding, 'check'>;

/** What no probe reaches, read from the catalogue. Below medium: worth knowing, not a hole by itself. */
export async function audit(stage: Stage): Promise<Finding[]> {
  const drafts = [
    ...reachable(stage),
    ...policies(stage),
    ...mistakenReferences(stage),
    ...(await memberships(stage)),
    ...functions(stage),
    ...(await asked(stage)),
  ];
  return [...drafts.map(asFinding), ...versionFindings(stage.world.catalogue.version)];
}

/** Of a role that the one under test can become: what it reaches beyond the other. */
export const auditFurther = (stage: Stage): Finding[] => reachable(stage).map(asFinding);

const reachable = (stage: Stage): Draft[] => [...tables(stage), ...relations(stage), ...uniques(stage)];

const asFinding = (one: Draft): Finding => ({ ...one, check: 'sec.rls.catalog' });
