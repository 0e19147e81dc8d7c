import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-files-planted',
  plants: 'Anybody may add a file to the chat of any tenant.',
  catches: ['e2e.tenants.files'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'foreign-uploads': true },
});
