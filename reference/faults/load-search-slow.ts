import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-search-slow',
  plants: 'One knowledge search in five takes 900 ms longer.',
  catches: ['load.users'],
  loadSeconds: 130,
  on: ['api'],
  set: { 'search-latency-ms': 900, 'search-latency-share': 0.2 },
});
