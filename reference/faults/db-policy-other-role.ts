import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-policy-other-role',
  plants: "The policy for reading costs is for another role than the app's.",
  catches: ['smoke.db.policies'],
  plant: `alter policy cost_events_select on cost_events to platform_service`,
  lift: `alter policy cost_events_select on cost_events to public`,
});
