import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-chat-to-agent',
  plants: 'Messages of the meeting chat go to the agent alone, whose answers repeat them to all.',
  catches: ['e2e.meeting.chat'],
  on: ['web'],
  set: { 'meeting-defect': 'chat-agent-only' },
});
