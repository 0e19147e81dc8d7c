import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-wrong-room',
  plants: 'A chat message is delivered to every room of the instance.',
  catches: ['e2e.chat.realtime'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'wrong-room': true },
});
