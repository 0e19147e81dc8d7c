import { sqlFault, tenantFunction } from './sql.ts';

export default sqlFault({
  name: 'db-function-stumbles-on-reuse',
  plants: 'The helper function fails on a connection that has been used for a tenant before.',
  catches: ['smoke.db.function'],
  mayAlso: ['smoke.api.*'],
  plant: `create or replace function get_current_tenant_id() returns uuid language sql stable parallel safe as $$ select coalesce(current_setting('app.current_tenant_id', true)::uuid, '00000000-0000-0000-0000-000000000000'::uuid) $$`,
  lift: tenantFunction,
});
