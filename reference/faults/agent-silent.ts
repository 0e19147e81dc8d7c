import { switchFault } from './switched.ts';

export default switchFault({
  name: 'agent-silent',
  plants: 'The agent comes into meetings and answers nothing that is written to it.',
  catches: ['smoke.agent.joins', 'e2e.meeting.agent'],
  on: ['agent'],
  set: { 'mute-text': true },
});
