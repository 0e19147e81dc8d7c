import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-deep-links-off',
  plants: 'A deep link into the meeting app answers 404.',
  catches: ['smoke.web.meeting'],
  on: ['web'],
  set: { 'spa-off': 'meeting' },
});
