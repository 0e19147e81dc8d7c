import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-factor-skipped',
  plants: 'The right password is enough, second factor or not.',
  catches: ['e2e.auth.mfa'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'mfa-skipped': true },
});
