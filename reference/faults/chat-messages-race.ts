import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-messages-race',
  plants: 'Messages that follow each other within a few milliseconds are stored side by side, and told as that ends.',
  catches: ['e2e.chat.order'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'messages-race-ms': 5 },
});
