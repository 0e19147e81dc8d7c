import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-chat-silent',
  plants: 'One question to the AI in ten is accepted and never answered.',
  catches: ['load.users'],
  on: ['api'],
  set: { 'chat-silent-share': 0.1 },
});
