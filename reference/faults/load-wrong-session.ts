import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-wrong-session',
  plants: 'One chat session in five that is asked for is another one.',
  catches: ['load.users'],
  on: ['api'],
  set: { 'wrong-session-share': 0.2 },
});
