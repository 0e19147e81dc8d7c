import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-answers-apart',
  plants: 'Questions to the AI and its answers do not reach the room of their session.',
  catches: ['e2e.cross.chat'],
  mayAlso: ['e2e.escalation.handoff'],
  on: ['api'],
  set: { 'answers-apart': true },
});
