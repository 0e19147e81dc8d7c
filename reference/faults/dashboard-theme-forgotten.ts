import { switchFault } from './switched.ts';

export default switchFault({
  name: 'dashboard-theme-forgotten',
  plants: 'Every page of the dashboard makes the browser forget what the dashboard stored in it.',
  catches: ['e2e.dashboard.theme'],
  on: ['web'],
  set: { 'storage-cleared': 'dashboard' },
});
