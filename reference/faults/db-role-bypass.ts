import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-role-bypass',
  plants: "The app's role bypasses row level security.",
  catches: ['smoke.db.forced', 'sec.rls.catalog', 'sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.bypass'],
  plant: `alter role app_user bypassrls`,
  lift: `alter role app_user nobypassrls`,
});
