import { switchFault } from './switched.ts';

export default switchFault({
  name: 'escalation-reply-lost',
  plants: "A human's reply is accepted and reaches neither the conversation nor the customer.",
  catches: ['e2e.escalation.handoff'],
  mayAlso: ['e2e.tenants.sessions', 'e2e.chat.durable', 'e2e.cross.chat'],
  on: ['api'],
  set: { 'reply-lost': true },
});
