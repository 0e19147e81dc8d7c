import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-lock-short',
  plants: 'Five wrong passwords lock an account for fifteen seconds instead of minutes.',
  catches: ['e2e.auth.lockout'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'lock-ms': 15_000 },
});
