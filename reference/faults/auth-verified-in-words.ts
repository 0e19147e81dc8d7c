import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-verified-in-words',
  plants: 'Following the link in the mail is answered as if the address were verified, and it stays unverified.',
  catches: ['e2e.auth.signup'],
  on: ['api'],
  set: { 'verify-unwritten': true },
});
