import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-wrong-tier',
  plants: 'Easy questions are answered by the dearest model and hard ones by the cheapest.',
  catches: ['e2e.chat.routing', 'e2e.chat.cost'],
  mayAlso: ['e2e.chat.*', 'e2e.knowledge.answer', 'e2e.cross.chat'],
  on: ['api'],
  set: { 'tier-wrong': true },
});
