import { definitionOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-vector-index-missing',
  plants: 'Knowledge is searched without an index.',
  catches: ['smoke.db.vector'],
  plant: `drop index knowledge_chunks_embedding_idx`,
  lift: definitionOf("pg_get_indexdef('knowledge_chunks_embedding_idx'::regclass)"),
});
