import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-resumed-deaf',
  plants: 'Who comes back after a drop gets what was missed and nothing of what is said from then on.',
  catches: ['e2e.chat.reconnect'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'resumed-deaf': true },
});
