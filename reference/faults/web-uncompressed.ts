import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-uncompressed',
  plants: 'Nothing is sent compressed.',
  catches: ['smoke.web.gzip'],
  on: ['web'],
  set: { 'gzip-off': true },
});
