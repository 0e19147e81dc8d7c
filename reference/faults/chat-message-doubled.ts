import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-message-doubled',
  plants: 'One chat message in a hundred is delivered twice.',
  catches: ['e2e.chat.order'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'message-doubled-share': 0.01 },
});
