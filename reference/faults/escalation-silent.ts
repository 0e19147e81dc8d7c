import { switchFault } from './switched.ts';

export default switchFault({
  name: 'escalation-silent',
  plants: 'Nobody is told of an escalation.',
  catches: ['e2e.escalation.handoff'],
  on: ['api'],
  set: { 'escalation-silent': true },
});
