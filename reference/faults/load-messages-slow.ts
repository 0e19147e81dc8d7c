import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'load-messages-slow',
  plants: 'One message in five is delivered 300 ms late.',
  catches: ['load.users'],
  on: bothRealtime,
  set: { 'message-latency-ms': 300, 'message-latency-share': 0.2 },
});
