import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-leave-unseen',
  plants: 'Leaving a meeting closes the page and not the call.',
  catches: ['e2e.meeting.leave'],
  on: ['web'],
  set: { 'meeting-defect': 'leave-unseen' },
});
