import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-login-silent',
  plants: 'A refused sign-in sends the browser on as if it had worked, without a session and without an error.',
  catches: ['e2e.auth.login'],
  mayAlso: ['e2e.auth.*'],
  on: ['api'],
  set: { 'login-silent': true },
});
