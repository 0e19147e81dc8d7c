import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-insert-unchecked',
  plants: 'A widget may be stored under any tenant.',
  catches: ['sec.rls.matrix'],
  mayAlso: ['sec.rls.context', 'smoke.db.policies'],
  plant: `alter policy widgets_insert on widgets with check (true)`,
  lift: async (deployment) =>
    `drop policy widgets_insert on widgets; ${await policyOf('widgets', 'widgets_insert')(deployment)}`,
});
