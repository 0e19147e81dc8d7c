import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-second-policy-wider',
  plants: 'A second policy lets whole conversations of others be deleted; policies of one kind are joined by OR.',
  catches: ['sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.catalog', 'smoke.db.policies'],
  plant: `create policy messages_clean_up on messages for delete using (role in ('user', 'assistant', 'system'))`,
  lift: `drop policy messages_clean_up on messages`,
});
