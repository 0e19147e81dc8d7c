import { sqlFault, tenantFunction } from './sql.ts';

export default sqlFault({
  name: 'db-function-constant',
  plants: 'The helper function names one and the same tenant always.',
  catches: ['smoke.db.function'],
  mayAlso: ['smoke.db.*', 'smoke.redis.groups', 'smoke.redis.sessions', 'smoke.ws.*', 'smoke.api.*', 'sec.rls.*'],
  plant: `create or replace function get_current_tenant_id() returns uuid language sql stable parallel safe as $$ select '11111111-1111-4111-8111-111111111111'::uuid $$`,
  lift: tenantFunction,
});
