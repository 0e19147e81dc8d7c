import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-sessions-mixed',
  plants: 'The list of chat sessions names those of every tenant.',
  catches: ['e2e.tenants.sessions'],
  mayAlso: ['e2e.tenants.*', 'e2e.lists', 'sec.*'],
  on: ['api'],
  set: { 'foreign-sessions-listed': true },
});
