import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-login-broken',
  plants: 'Every sign-in ends as with a wrong password.',
  catches: ['smoke.ws.connect'],
  mayAlso: ['smoke.redis.*', 'smoke.livekit.token', 'load.users'],
  on: ['api'],
  set: { 'login-broken': true },
});
