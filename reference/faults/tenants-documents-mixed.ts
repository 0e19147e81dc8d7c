import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-documents-mixed',
  plants: 'The list of documents shows those of every tenant.',
  catches: ['e2e.tenants.data'],
  mayAlso: ['e2e.tenants.*', 'e2e.lists', 'sec.*'],
  on: ['api'],
  set: { 'foreign-documents-listed': true },
});
