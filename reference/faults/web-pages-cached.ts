import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-pages-cached',
  plants: 'Pages may be cached for an hour.',
  catches: ['smoke.web.cache'],
  on: ['web'],
  set: { 'cache-html': true },
});
