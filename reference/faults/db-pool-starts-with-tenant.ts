import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-pool-starts-with-tenant',
  plants: "Every new connection of the app's role begins with a tenant already set.",
  catches: ['smoke.db.pool', 'sec.rls.catalog', 'sec.rls.bypass'],
  mayAlso: ['smoke.db.function', 'smoke.db.forced'],
  plant: `alter role app_user set app.current_tenant_id = '11111111-1111-4111-8111-111111111111'`,
  lift: `alter role app_user reset app.current_tenant_id`,
});
