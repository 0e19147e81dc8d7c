import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-messages-lost',
  plants: 'Four messages in ten are acknowledged, stored and never delivered.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.latency'],
  on: bothRealtime,
  // No whole number of messages apart: pairs write in turn, and every second one would be the same pair's each time.
  set: { 'message-lost-share': 0.43 },
});
