import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-alerts-hidden',
  plants: 'What the dashboard reports as an alert is invisible.',
  catches: ['e2e.dashboard.errors'],
  mayAlso: ['e2e.auth.*', 'e2e.knowledge.upload'],
  on: ['web'],
  set: { 'alerts-hidden': 'dashboard' },
});
