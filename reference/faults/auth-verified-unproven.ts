import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-verified-unproven',
  plants: 'An address counts as verified as soon as it is registered, before its owner followed the link.',
  catches: ['e2e.auth.signup'],
  on: ['api'],
  set: { 'verified-unproven': true },
});
