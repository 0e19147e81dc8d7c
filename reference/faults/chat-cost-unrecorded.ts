import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-cost-unrecorded',
  plants: 'Answers report no tokens and no cost, and none are recorded.',
  catches: ['e2e.chat.cost'],
  mayAlso: ['e2e.chat.*', 'e2e.knowledge.answer', 'e2e.cross.chat'],
  on: ['api'],
  set: { 'cost-unrecorded': true },
});
