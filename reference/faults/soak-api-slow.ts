import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-api-slow',
  plants: 'Half of all queries take half a second longer.',
  catches: ['soak.latency'],
  mayAlso: ['smoke.*', 'soak.alerts'],
  on: ['api'],
  set: { 'api-latency-ms': 500, 'api-latency-share': 0.5 },
});
