import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-search-unranked',
  plants: 'What a search finds comes in the order of its age, and not of its likeness.',
  catches: ['e2e.knowledge.search'],
  mayAlso: ['e2e.knowledge.answer', 'e2e.tenants.data'],
  on: ['api'],
  set: { 'search-unranked': true },
});
