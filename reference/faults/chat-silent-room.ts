import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-silent-room',
  plants: 'Chat messages are acknowledged and delivered to nobody.',
  catches: ['e2e.chat.realtime'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'message-lost-share': 1 },
});
