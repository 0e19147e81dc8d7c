import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-replay-few',
  plants: 'Who comes back after a drop is told the last ten messages at most.',
  catches: ['e2e.chat.reconnect'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'replay-keeps': 10 },
});
