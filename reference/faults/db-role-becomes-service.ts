import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-role-becomes-service',
  plants: "The app's role may become the service role, which row level security does not bind.",
  catches: ['smoke.db.forced', 'sec.rls.catalog'],
  plant: `grant platform_service to app_user`,
  lift: `revoke platform_service from app_user`,
});
