import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-api-slow',
  plants: 'One in five queries takes 400 ms longer.',
  catches: ['load.users'],
  on: ['api'],
  set: { 'api-latency-ms': 400, 'api-latency-share': 0.2 },
});
