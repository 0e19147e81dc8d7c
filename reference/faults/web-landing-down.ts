import { everySite, switchFault } from './switched.ts';

export default switchFault({
  name: 'web-landing-down',
  plants: 'The landing site cuts every connection.',
  catches: ['smoke.web.landing'],
  mayAlso: everySite,
  on: ['web'],
  set: { 'site-down': 'landing' },
});
