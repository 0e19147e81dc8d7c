import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-login-tells-api',
  plants:
    'The page is discreet; auth.login and the address that a refused sign-in leads to say whether the address or the password was wrong.',
  catches: ['e2e.auth.login'],
  mayAlso: ['e2e.auth.*', 'sec.*'],
  on: ['api'],
  set: { 'login-tells-api': true },
});
