import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-errors',
  plants: 'One tRPC request in twenty answers 500.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.latency', 'soak.uptime', 'soak.alerts'],
  on: ['api'],
  set: { 'errors-share': 0.05 },
});
