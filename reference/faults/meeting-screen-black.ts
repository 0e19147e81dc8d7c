import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-screen-black',
  plants: 'A shared screen arrives as a picture that is black.',
  catches: ['e2e.meeting.screen'],
  on: ['web'],
  set: { 'meeting-defect': 'screen-black' },
});
