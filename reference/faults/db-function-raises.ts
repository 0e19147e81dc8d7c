import { sqlFault, tenantFunction } from './sql.ts';

export default sqlFault({
  name: 'db-function-raises',
  plants: 'The helper function raises an error when no tenant is set.',
  catches: ['smoke.db.function'],
  mayAlso: ['smoke.api.*', 'sec.rls.*'],
  plant: `create or replace function get_current_tenant_id() returns uuid language sql stable parallel safe as $$ select current_setting('app.current_tenant_id')::uuid $$`,
  lift: tenantFunction,
});
