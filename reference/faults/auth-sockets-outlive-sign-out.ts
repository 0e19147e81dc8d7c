import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-sockets-outlive-sign-out',
  plants: 'Sockets stay open, to hear and to speak, when the session they were opened with is signed out.',
  catches: ['e2e.auth.logout'],
  on: bothRealtime,
  set: { 'sockets-kept': true },
});
