import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-policy-missing',
  plants: 'One table has no policy for DELETE.',
  catches: ['smoke.db.policies'],
  plant: `drop policy rag_test_sets_delete on rag_test_sets`,
  lift: policyOf('rag_test_sets', 'rag_test_sets_delete'),
});
