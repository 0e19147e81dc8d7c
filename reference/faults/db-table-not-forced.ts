import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-table-not-forced',
  plants: 'Row level security is enabled on messages but not forced.',
  catches: ['smoke.db.forced'],
  plant: `alter table messages no force row level security`,
  lift: `alter table messages force row level security`,
});
