import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-header-missing',
  plants: 'The sites do not send X-Content-Type-Options.',
  catches: ['smoke.web.headers'],
  on: ['web'],
  set: { 'headers-missing': 'X-Content-Type-Options' },
});
