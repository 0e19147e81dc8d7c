import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-chat-lost',
  plants: 'Messages of the meeting chat are shown to who wrote them and sent to nobody.',
  catches: ['e2e.meeting.chat'],
  on: ['web'],
  set: { 'meeting-defect': 'chat-lost' },
});
