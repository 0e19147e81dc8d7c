import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-definer-function',
  plants: "A function that everybody may call reads any tenant's sessions as its owner.",
  catches: ['sec.rls.matrix'],
  mayAlso: ['sec.rls.catalog'],
  plant: `create function sessions_of(wanted uuid) returns setof sessions language sql stable security definer set search_path = public as $$ select * from sessions where tenant_id = wanted $$; grant execute on function sessions_of(uuid) to app_user`,
  lift: `drop function sessions_of(uuid)`,
});
