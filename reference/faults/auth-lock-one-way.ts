import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-lock-one-way',
  plants: 'Wrong passwords given to auth.login are not counted, and it lets in whom the page has locked out.',
  catches: ['e2e.auth.lockout'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'lock-one-way': true },
});
