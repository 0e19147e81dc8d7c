import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-mute-unseen',
  plants: 'The button that mutes changes its own picture and nothing else.',
  catches: ['e2e.meeting.controls'],
  on: ['web'],
  set: { 'meeting-defect': 'mute-unseen' },
});
