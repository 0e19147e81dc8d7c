import { mediaFault } from './media.ts';

export default mediaFault({
  name: 'meeting-audio-late',
  plants: 'What is said in a meeting is heard 400 ms later.',
  catches: ['e2e.meeting.media'],
  mayAlso: ['e2e.meeting.agent'],
  how: { only: 'audio', 'delay-ms': '200' },
});
