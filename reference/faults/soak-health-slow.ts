import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-health-slow',
  plants: '/health answers 400 ms later than it should, and nothing else does.',
  catches: ['soak.latency'],
  mayAlso: ['smoke.*'],
  on: ['api'],
  set: { 'health-latency-ms': 400 },
});
