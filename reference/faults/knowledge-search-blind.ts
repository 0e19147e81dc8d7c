import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-search-blind',
  plants: 'Documents of the last hour are found neither by search nor for answers.',
  catches: ['e2e.knowledge.search'],
  mayAlso: ['e2e.knowledge.*', 'e2e.tenants.files', 'load.users'],
  on: ['api'],
  set: { 'search-blind': true },
});
