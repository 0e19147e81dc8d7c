import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-message-lost',
  plants: 'One chat message in a hundred is acknowledged, stored and never delivered.',
  catches: ['e2e.chat.order'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'message-lost-share': 0.01 },
});
