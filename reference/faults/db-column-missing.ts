import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-column-missing',
  plants: 'A column that a migration made is not there.',
  catches: ['smoke.db.migrations'],
  plant: `alter table escalations rename column human_agent_id to agent_id`,
  lift: `alter table escalations rename column agent_id to human_agent_id`,
});
