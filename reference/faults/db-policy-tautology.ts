import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-policy-tautology',
  plants: 'The policy that decides which end users are changed has a way round that is always open.',
  catches: ['smoke.db.policies', 'sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.catalog'],
  plant: `alter policy end_users_update on end_users using (tenant_id = get_current_tenant_id() or 1 = 1)`,
  lift: async (deployment) =>
    `drop policy end_users_update on end_users; ${await policyOf('end_users', 'end_users_update')(deployment)}`,
});
