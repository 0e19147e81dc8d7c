import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-factor-page-only',
  plants: 'The second factor is asked for at the page; whoever posts the password without a code is given a session.',
  catches: ['e2e.auth.mfa'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'mfa-page-only': true },
});
