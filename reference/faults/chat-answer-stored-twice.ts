import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-answer-stored-twice',
  plants: 'One answer of the AI in two is stored twice.',
  catches: ['e2e.chat.durable'],
  mayAlso: ['e2e.chat.*'],
  on: ['api'],
  set: { 'chat-doubled-share': 0.5 },
});
