import { switchFault } from './switched.ts';

export default switchFault({
  name: 'auth-mail-lost',
  plants: 'The mail provider refuses every message.',
  catches: ['e2e.auth.signup', 'e2e.auth.reset'],
  mayAlso: ['e2e.survey.fallback'],
  on: ['stubs'],
  set: { 'email-fails': true },
});
