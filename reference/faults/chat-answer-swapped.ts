import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-answer-swapped',
  plants: "One question in five is answered with somebody else's question and answer.",
  catches: ['e2e.chat.ai'],
  mayAlso: ['load.users', 'e2e.chat.*', 'e2e.knowledge.answer'],
  on: ['api'],
  set: { 'chat-wrong-share': 0.2 },
});
