import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-sign-out-keeps',
  plants: 'Signing out takes the cookie away and leaves the session valid.',
  catches: ['e2e.auth.logout'],
  mayAlso: ['smoke.redis.sessions', 'e2e.cross.apps', 'sec.session'],
  on: ['api'],
  set: { 'sign-out-keeps': true },
});
