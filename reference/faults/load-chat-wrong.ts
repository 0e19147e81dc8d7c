import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-chat-wrong',
  plants: "One question to the AI in ten is answered with somebody else's answer.",
  catches: ['load.users'],
  on: ['api'],
  set: { 'chat-wrong-share': 0.1 },
});
