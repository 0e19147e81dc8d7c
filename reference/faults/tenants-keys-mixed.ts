import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-keys-mixed',
  plants: 'The list of API keys shows those of every tenant.',
  catches: ['e2e.tenants.data'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'foreign-listed': 'apiKeys' },
});
