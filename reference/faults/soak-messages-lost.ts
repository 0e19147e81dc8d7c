import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-messages-lost',
  plants: 'One message in twenty is acknowledged, stored and never delivered.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.latency'],
  on: bothRealtime,
  set: { 'message-lost-share': 0.05 },
});
