import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-answer-unstored',
  plants: 'One answer of the AI in two is given as if stored, and is not.',
  catches: ['e2e.chat.durable'],
  mayAlso: ['e2e.chat.*', 'load.users'],
  on: ['api'],
  set: { 'chat-unstored-share': 0.5 },
});
