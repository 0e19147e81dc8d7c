import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-session-never-idle',
  plants: 'A session never ends for being idle.',
  catches: ['e2e.auth.timeout'],
  mayAlso: ['sec.session'],
  on: ['api'],
  set: { 'idle-off': true },
});
