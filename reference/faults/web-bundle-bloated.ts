import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-bundle-bloated',
  plants: 'Every page loads 600 KB (compressed) more of script than it needs.',
  catches: ['smoke.web.bundle'],
  profile: 'preparation',
  on: ['web'],
  set: { 'bundle-bloat': 600 },
});
