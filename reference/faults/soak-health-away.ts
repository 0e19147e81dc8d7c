import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-health-away',
  plants: '/health answers 503 for as long as anybody asks.',
  catches: ['soak.uptime'],
  mayAlso: ['smoke.*'],
  profile: 'preparation',
  on: ['api'],
  set: { 'health-status': 503 },
});
