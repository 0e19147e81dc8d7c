import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-session-short',
  plants: 'The cookie of a new session is gone after two seconds.',
  catches: ['e2e.dashboard.persistence'],
  mayAlso: ['e2e.auth.*', 'e2e.cross.apps', 'e2e.meeting.*'],
  on: ['api'],
  set: { 'session-cookie-short': true },
});
