import { switchFault } from './switched.ts';

export default switchFault({
  name: 'agent-voiceless',
  plants: 'The agent comes into meetings and says nothing to what is said to it.',
  catches: ['e2e.meeting.agent'],
  on: ['agent'],
  set: { 'mute-voice': true },
});
