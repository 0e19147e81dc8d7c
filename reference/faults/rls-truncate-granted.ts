import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-truncate-granted',
  plants: "The app's role may empty a table of all tenants at once.",
  catches: ['sec.rls.catalog'],
  plant: `grant truncate on knowledge_gaps to app_user`,
  lift: `revoke truncate on knowledge_gaps from app_user`,
});
