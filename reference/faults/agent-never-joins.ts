import { switchFault } from './switched.ts';

export default switchFault({
  name: 'agent-never-joins',
  plants: 'The agent joins no meeting.',
  catches: ['smoke.agent.joins', 'e2e.meeting.agent'],
  on: ['agent'],
  set: { 'never-joins': true },
});
