import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-no-replay',
  plants: 'Who comes back after a drop is told nothing of what was said meanwhile.',
  catches: ['e2e.chat.reconnect'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'no-replay': true },
});
