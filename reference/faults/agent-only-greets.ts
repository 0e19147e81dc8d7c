import { switchFault } from './switched.ts';

export default switchFault({
  name: 'agent-only-greets',
  plants: 'The agent greets, in writing and aloud, and answers nothing after that.',
  catches: ['smoke.agent.joins', 'e2e.meeting.agent'],
  on: ['agent'],
  set: { greets: true, 'mute-text': true, 'mute-voice': true },
});
