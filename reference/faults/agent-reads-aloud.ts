import { switchFault } from './switched.ts';

export default switchFault({
  name: 'agent-reads-aloud',
  plants: 'The agent reads its written answers aloud, and says nothing to what is said to it.',
  catches: ['e2e.meeting.agent'],
  on: ['agent'],
  set: { 'reads-aloud': true, 'mute-voice': true },
});
