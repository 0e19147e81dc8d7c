import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-replay-recent',
  plants: 'Who comes back after a drop is told what was said in the last five seconds alone.',
  catches: ['e2e.chat.reconnect'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'replay-keeps-ms': 5000 },
});
