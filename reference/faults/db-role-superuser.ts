import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-role-superuser',
  plants: "The app's role is a superuser.",
  catches: ['smoke.db.forced', 'sec.rls.catalog', 'sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.bypass'],
  plant: `alter role app_user superuser`,
  lift: `alter role app_user nosuperuser`,
});
