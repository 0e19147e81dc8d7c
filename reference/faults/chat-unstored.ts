import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-unstored',
  plants: 'One chat message in twenty is acknowledged and delivered, and never stored.',
  catches: ['e2e.chat.durable'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'message-unstored-share': 0.05 },
});
