import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-oauth-anew',
  plants: 'Whoever comes again from Google or Microsoft finds an empty account in the place of theirs.',
  catches: ['e2e.auth.oauth'],
  on: ['api'],
  set: { 'oauth-anew': true },
});
