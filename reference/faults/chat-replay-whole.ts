import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-replay-whole',
  plants:
    'Who comes back after a drop is sent the whole conversation again, not what came after the last message seen.',
  catches: ['e2e.chat.reconnect'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'replay-whole': true },
});
