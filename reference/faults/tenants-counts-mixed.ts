import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-counts-mixed',
  plants: 'The count of escalations is that of all tenants.',
  catches: ['e2e.tenants.data'],
  mayAlso: ['e2e.escalation.handoff', 'sec.*'],
  on: ['api'],
  set: { 'foreign-counted': 'escalations' },
});
