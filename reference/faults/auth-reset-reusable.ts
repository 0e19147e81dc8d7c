import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-reset-reusable',
  plants: 'A link for a new password works again and again.',
  catches: ['e2e.auth.reset'],
  mayAlso: ['sec.*'],
  on: ['api'],
  set: { 'reset-token-reusable': true },
});
