import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-error-shape',
  plants: 'Errors of procedures are plain text.',
  catches: ['smoke.api.trpc'],
  mayAlso: ['load.users'],
  on: ['api'],
  set: { 'trpc-error-shape': true },
});
