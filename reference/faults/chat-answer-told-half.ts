import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-answer-told-half',
  plants: 'An answer is told up to its half and stored whole.',
  catches: ['e2e.chat.stream'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.knowledge.answer', 'e2e.escalation.handoff', 'load.*'],
  on: ['api'],
  set: { 'answer-told-half': true },
});
