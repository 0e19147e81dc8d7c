import { switchFault } from './switched.ts';

export default switchFault({
  name: 'escalation-unresolved',
  plants: 'Resolving an escalation is answered as if it had been done, and it stays open.',
  catches: ['e2e.escalation.handoff'],
  on: ['api'],
  set: { 'escalation-unresolved': true },
});
