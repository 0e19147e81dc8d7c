import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-default-privileges',
  plants: "Every table that is made later is open to the app's role before it has row level security.",
  catches: ['sec.rls.catalog'],
  plant: `alter default privileges for role platform_owner in schema public grant select on tables to app_user`,
  lift: `alter default privileges for role platform_owner in schema public revoke select on tables from app_user`,
});
