import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-costs-mixed',
  plants: 'The analysis of costs counts the answers given to all tenants.',
  catches: ['e2e.tenants.data'],
  mayAlso: ['e2e.chat.cost', 'sec.*'],
  on: ['api'],
  set: { 'foreign-counted': 'analytics' },
});
