import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-role-superuser',
  plants: "The app's role is a superuser.",
  catches: ['smoke.db.forced'],
  plant: `alter role app_user superuser`,
  lift: `alter role app_user nosuperuser`,
});
