import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'livekit-without-redis',
  plants: 'The meeting server runs alone, without its Redis.',
  catches: ['smoke.livekit.redis'],
  mayAlso: [],
  service: 'livekit',
  options: { redis: 'off' },
});
