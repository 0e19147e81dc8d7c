import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-pool-exhausted',
  plants: "The app's role may hold two connections only, which are in use.",
  catches: ['smoke.db.pool'],
  mayAlso: ['smoke.db.*', 'smoke.redis.groups', 'smoke.redis.sessions', 'smoke.ws.*', 'smoke.api.*', 'sec.rls.*'],
  plant: `alter role app_user connection limit 2`,
  lift: `alter role app_user connection limit -1`,
});
