import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-users-unsearched',
  plants: 'The list of users ignores what is searched for.',
  catches: ['e2e.lists'],
  mayAlso: ['e2e.tenants.*'],
  on: ['api'],
  set: { 'list-wrong': 'users-unsearched' },
});
