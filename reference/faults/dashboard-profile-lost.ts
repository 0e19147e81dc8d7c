import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-profile-lost',
  plants: 'A changed profile is accepted with thanks and not kept.',
  catches: ['e2e.dashboard.profile'],
  mayAlso: ['e2e.dashboard.errors'],
  on: ['api'],
  set: { 'profile-not-saved': true },
});
