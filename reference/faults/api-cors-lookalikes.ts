import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-cors-lookalikes',
  plants: 'An origin whose name merely begins like that of a site may call the API.',
  catches: ['smoke.web.landing', 'smoke.web.dashboard', 'smoke.web.meeting'],
  on: ['api'],
  set: { 'cors-lookalikes': true },
});
