import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-redirect-off',
  plants: 'Plain HTTP serves the pages instead of leading to HTTPS.',
  catches: ['smoke.web.tls'],
  on: ['web'],
  set: { 'redirect-off': true },
});
