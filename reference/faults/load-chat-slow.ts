import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-chat-slow',
  plants: 'One in five questions to the AI takes three seconds longer.',
  catches: ['load.users'],
  on: ['api'],
  set: { 'chat-latency-ms': 3000, 'chat-latency-share': 0.2 },
});
