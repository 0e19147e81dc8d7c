import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-limits-low',
  plants: 'Legitimate users run into a limit of three calls.',
  catches: ['load.users'],
  mayAlso: ['smoke.api.*', 'smoke.ws.*', 'smoke.web.*', 'smoke.redis.*'],
  on: ['api'],
  set: { 'limits-low': true },
});
