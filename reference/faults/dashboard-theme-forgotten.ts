import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-theme-forgotten',
  plants: 'What the dashboard wants to keep in the browser is not kept.',
  catches: ['e2e.dashboard.theme'],
  on: ['web'],
  set: { 'storage-off': 'dashboard' },
});
