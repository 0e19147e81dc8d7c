import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-health-unavailable',
  plants: 'The health address answers 503.',
  catches: ['smoke.api.health'],
  mayAlso: ['smoke.api.version'],
  on: ['api'],
  set: { 'health-status': 503 },
});
