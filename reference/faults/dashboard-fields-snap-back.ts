import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-fields-snap-back',
  plants: 'What one types into the forms of profile and settings is put back at once.',
  catches: ['e2e.dashboard.profile', 'e2e.dashboard.settings'],
  mayAlso: ['e2e.dashboard.errors'],
  on: ['web'],
  set: { 'fields-snap-back': 'dashboard' },
});
