import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'rls-pooler-starts-with-tenant',
  plants: 'The pooler sets a tenant on every server connection that it opens.',
  catches: ['sec.rls.bypass'],
  mayAlso: ['smoke.*'],
  service: 'pgbouncer',
  options: { connect_query: `SET app.current_tenant_id = '11111111-1111-4111-8111-111111111111'` },
});
