import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'livekit-turn-off',
  plants: 'The meeting server offers no relay.',
  catches: ['smoke.livekit.turn'],
  mayAlso: [],
  service: 'livekit',
  options: { turn: 'off' },
});
