import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-files-open',
  plants: "A chat's file is opened for whoever knows its id, of whatever tenant.",
  catches: ['e2e.tenants.files'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'foreign-files': true },
});
