import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-cors-off',
  plants: 'No origin may call the API.',
  catches: ['smoke.web.landing', 'smoke.web.dashboard', 'smoke.web.meeting'],
  on: ['api'],
  set: { 'cors-off': true },
});
