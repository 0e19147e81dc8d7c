import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-health-kept',
  plants: 'The API gives the health answer of long ago, whatever has become of it since.',
  catches: ['smoke.api.health'],
  on: ['api'],
  set: { 'health-kept': true },
});
