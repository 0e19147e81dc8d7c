import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-health-slow',
  plants: 'One in five health requests takes 80 ms.',
  catches: ['smoke.api.health'],
  on: ['api'],
  set: { 'health-latency-ms': 80, 'health-latency-share': 0.2 },
});
