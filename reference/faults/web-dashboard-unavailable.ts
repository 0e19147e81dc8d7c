import { everySite, switchFault } from './switched.ts';

export default switchFault({
  name: 'web-dashboard-unavailable',
  plants: 'Every page of the dashboard answers 503.',
  catches: ['smoke.web.dashboard'],
  mayAlso: everySite,
  on: ['web'],
  set: { 'http-status': { site: 'dashboard', code: 503 } },
});
