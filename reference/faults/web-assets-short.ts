import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-assets-short',
  plants: 'Hashed assets may be cached for a minute only.',
  catches: ['smoke.web.cache'],
  on: ['web'],
  set: { 'cache-assets-short': true },
});
