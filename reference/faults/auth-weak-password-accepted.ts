import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-weak-password-accepted',
  plants:
    'The rules of passwords are kept for browsers alone: whoever calls auth.register gets an account with a weak one.',
  catches: ['e2e.auth.signup'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'weak-password-accepted': true },
});
