import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-view-of-its-owner',
  plants: 'A view reads end users as its owner, whom row level security does not bind.',
  catches: ['sec.rls.matrix', 'sec.rls.context'],
  mayAlso: ['sec.rls.catalog'],
  plant: `create view contactable_end_users as select id, tenant_id, name, email from end_users; grant select on contactable_end_users to app_user`,
  lift: `drop view contactable_end_users`,
});
