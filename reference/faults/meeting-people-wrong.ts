import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-people-wrong',
  plants: 'The list of people in a meeting shows those who were there when it was drawn first.',
  catches: ['e2e.meeting.people'],
  mayAlso: ['e2e.meeting.leave', 'e2e.meeting.controls', 'e2e.meeting.screen'],
  on: ['web'],
  set: { 'meeting-defect': 'people-wrong' },
});
