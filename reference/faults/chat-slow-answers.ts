import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-slow-answers',
  plants: 'Every answer of the AI takes four seconds.',
  catches: ['e2e.chat.ai'],
  mayAlso: ['load.users', 'e2e.chat.*', 'e2e.dashboard.*', 'e2e.knowledge.answer'],
  on: ['api'],
  set: { 'chat-latency-ms': 4000 },
});
