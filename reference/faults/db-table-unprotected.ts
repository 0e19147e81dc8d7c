import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-table-unprotected',
  plants: 'Row level security is switched off on one table.',
  catches: ['smoke.db.forced', 'sec.rls.catalog', 'sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.bypass'],
  plant: `alter table api_keys disable row level security`,
  lift: `alter table api_keys enable row level security`,
});
