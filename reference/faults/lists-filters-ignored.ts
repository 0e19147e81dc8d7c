import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-filters-ignored',
  plants: 'Lists of users, sessions and documents ignore their filters.',
  catches: ['e2e.lists'],
  mayAlso: ['e2e.tenants.*'],
  on: ['api'],
  set: { 'list-filters-ignored': true },
});
