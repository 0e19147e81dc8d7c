import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'load-messages-lost',
  plants: 'One message in ten is acknowledged, stored and never delivered.',
  catches: ['load.users'],
  on: bothRealtime,
  set: { 'message-lost-share': 0.1 },
});
