import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-message-overtaken',
  plants: 'One chat message in fifty is delivered a second late, after those that follow it.',
  catches: ['e2e.chat.order'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'message-latency-ms': 1000, 'message-latency-share': 0.02 },
});
