import { labelOf } from '../../probes/catalogue.ts';
import type { Tenancy } from '../../probes/tenancy.ts';
import type { BodyContext } from '../../runners/body.ts';

/** Which tables were not held to the rules for tenant data, for a person to disagree with. */
export function noteExempt(context: BodyContext, { exempt, tenant }: Tenancy): void {
  if (exempt.length === 0) return;
  const names = exempt.map(labelOf).join(', ');
  context.note(
    'tables without tenant data',
    `${names}: neither a tenant column nor a foreign key to one of the ${tenant.length} tables that have`,
  );
}
