import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-table-missing',
  plants: 'A table of the core is not there under its name.',
  catches: ['smoke.db.tables'],
  mayAlso: ['smoke.db.migrations'],
  plant: `alter table rag_quality_thresholds rename to rag_quality_thresholds_old`,
  lift: `alter table rag_quality_thresholds_old rename to rag_quality_thresholds`,
});
