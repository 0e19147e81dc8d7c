import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-lock-never',
  plants: 'Wrong passwords are not counted, so no account is ever locked.',
  catches: ['e2e.auth.lockout'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'lock-off': true },
});
