import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-update-gives-away',
  plants: 'A document may be moved to another tenant, its old row being the own one.',
  catches: ['sec.rls.matrix'],
  mayAlso: ['smoke.db.policies'],
  plant: `alter policy knowledge_documents_update on knowledge_documents with check (true)`,
  lift: async (deployment) =>
    `drop policy knowledge_documents_update on knowledge_documents; ${await policyOf('knowledge_documents', 'knowledge_documents_update')(deployment)}`,
});
