import type { Fault } from './fault.ts';

const fault: Fault = {
  name: 'agent-stopped',
  plants: 'The agent is not running.',
  catches: ['smoke.agent.joins', 'smoke.agent.config', 'e2e.meeting.agent'],
  mayAlso: [],
  plant: (deployment) => deployment.stop('agent'),
  lift: (deployment) => deployment.start('agent'),
};
export default fault;
