import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-empty-setting-trusted',
  plants: 'Where the setting is empty, as on every connection that was used before, all users are shown.',
  catches: ['sec.rls.context', 'sec.rls.bypass'],
  mayAlso: ['sec.rls.catalog', 'smoke.db.*'],
  plant: `alter policy users_select on users using (tenant_id = get_current_tenant_id() or current_setting('app.current_tenant_id', true) = '')`,
  lift: async (deployment) =>
    `drop policy users_select on users; ${await policyOf('users', 'users_select')(deployment)}`,
});
