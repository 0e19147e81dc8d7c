import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-health-shape',
  plants: 'The health answer has another form than the agreed one.',
  catches: ['smoke.api.health'],
  mayAlso: ['smoke.api.version'],
  on: ['api'],
  set: { 'health-body': true },
});
