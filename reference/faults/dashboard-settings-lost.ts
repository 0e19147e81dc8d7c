import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-settings-lost',
  plants: 'Settings are accepted with thanks and not kept.',
  catches: ['e2e.dashboard.settings'],
  on: ['api'],
  set: { 'settings-not-saved': true },
});
