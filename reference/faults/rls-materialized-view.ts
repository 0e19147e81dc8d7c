import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-materialized-view',
  plants: "The app's role reads a materialized view over the costs of all tenants.",
  catches: ['sec.rls.catalog'],
  mayAlso: ['sec.rls.matrix', 'sec.rls.context'],
  plant: `create materialized view cost_overview as select tenant_id, sum(cost_usd) as usd from cost_events group by 1; grant select on cost_overview to app_user`,
  lift: `drop materialized view cost_overview`,
});
