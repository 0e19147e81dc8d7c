import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'load-connect-slow',
  plants: 'One connection in five is let in 1.2 s late.',
  catches: ['load.users'],
  loadSeconds: 130,
  on: bothRealtime,
  set: { 'connect-latency-ms': 1200, 'connect-latency-share': 0.2 },
});
