import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-backup-code-reusable',
  plants: 'A backup code is not used up.',
  catches: ['e2e.auth.mfa'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'backup-code-reusable': true },
});
