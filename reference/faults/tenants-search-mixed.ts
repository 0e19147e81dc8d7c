import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-search-mixed',
  plants: 'Search finds the documents of every tenant.',
  catches: ['e2e.tenants.files'],
  mayAlso: ['e2e.tenants.*', 'e2e.knowledge.*', 'sec.*', 'load.users'],
  on: ['api'],
  set: { 'foreign-documents-found': true },
});
