import { everySite, switchFault } from './switched.ts';

export default switchFault({
  name: 'web-widget-missing',
  plants: 'The widget script answers 404.',
  catches: ['smoke.web.widget'],
  mayAlso: everySite,
  on: ['web'],
  set: { 'asset-missing': 'widget' },
});
