import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-policy-true',
  plants: 'The policy that decides which widgets are read lets everybody through.',
  catches: ['smoke.db.policies', 'sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['smoke.db.forced', 'sec.rls.bypass', 'sec.rls.catalog'],
  plant: `alter policy widgets_select on widgets using (true)`,
  lift: async (deployment) =>
    `drop policy widgets_select on widgets; ${await policyOf('widgets', 'widgets_select')(deployment)}`,
});
