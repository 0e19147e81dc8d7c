import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-requests-cut',
  plants: 'One tRPC request in twenty has its connection closed without an answer.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.latency', 'soak.uptime', 'soak.alerts'],
  on: ['api'],
  set: { 'answers-cut-share': 0.05 },
});
