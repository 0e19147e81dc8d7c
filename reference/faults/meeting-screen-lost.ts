import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-screen-lost',
  plants: 'The token of a meeting does not let anybody share a screen.',
  catches: ['e2e.meeting.screen'],
  on: ['api'],
  set: { 'live-token-no-screen': true },
});
