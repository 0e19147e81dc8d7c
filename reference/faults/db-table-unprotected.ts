import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-table-unprotected',
  plants: 'Row level security is switched off on one table.',
  catches: ['smoke.db.forced'],
  plant: `alter table api_keys disable row level security`,
  lift: `alter table api_keys enable row level security`,
});
