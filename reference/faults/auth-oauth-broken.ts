import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-oauth-broken',
  plants: 'Signing in with Google or Microsoft ends with an error.',
  catches: ['e2e.auth.oauth'],
  on: ['api'],
  set: { 'oauth-broken': true },
});
