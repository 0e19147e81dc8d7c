import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'livekit-other-keys',
  plants: 'The meeting server knows another key than the platform.',
  catches: [
    'smoke.livekit.token',
    'smoke.livekit.room',
    'smoke.livekit.redis',
    'smoke.livekit.turn',
    'smoke.agent.joins',
    'e2e.meeting.join',
    'e2e.meeting.media',
  ],
  mayAlso: ['load.users', 'e2e.meeting.*'],
  service: 'livekit',
  options: { key: 'APIother', secret: 'another-secret-that-is-long-enough-for-the-server' },
});
