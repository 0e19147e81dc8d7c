import { everySite, switchFault } from './switched.ts';

export default switchFault({
  name: 'web-script-missing',
  plants: 'The script of the landing site answers 404.',
  catches: ['smoke.web.landing', 'smoke.web.bundle'],
  mayAlso: everySite,
  on: ['web'],
  set: { 'asset-missing': 'landing' },
});
