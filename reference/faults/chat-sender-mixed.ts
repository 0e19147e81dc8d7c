import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-sender-mixed',
  plants: 'Every chat message names the one who gets it as who said it.',
  catches: ['e2e.chat.realtime'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'sender-mixed': true },
});
