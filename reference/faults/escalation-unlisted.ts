import { switchFault } from './switched.ts';

export default switchFault({
  name: 'escalation-unlisted',
  plants: 'No escalation is listed.',
  catches: ['e2e.escalation.handoff'],
  mayAlso: ['e2e.tenants.data'],
  on: ['api'],
  set: { 'escalation-unlisted': true },
});
