import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-login-tells',
  plants: 'A refused sign-in says whether the address or the password was wrong.',
  catches: ['e2e.auth.login'],
  mayAlso: ['e2e.auth.*'],
  on: ['api'],
  set: { 'login-tells': true },
});
