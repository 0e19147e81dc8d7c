import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-new-microphone-dead',
  plants: 'Choosing another microphone leaves the meeting without sound of it.',
  catches: ['e2e.meeting.controls'],
  on: ['web'],
  set: { 'meeting-defect': 'microphone-dies' },
});
