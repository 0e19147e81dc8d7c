import type { Fault } from './fault.ts';

const fault: Fault = {
  name: 'livekit-stopped',
  plants: 'The meeting server is not running.',
  catches: [
    'smoke.livekit.http',
    'smoke.livekit.token',
    'smoke.livekit.room',
    'smoke.livekit.redis',
    'smoke.livekit.turn',
    'smoke.agent.joins',
    'e2e.meeting.join',
    'e2e.meeting.media',
  ],
  mayAlso: ['load.users', 'e2e.meeting.*'],
  plant: (deployment) => deployment.stop('livekit'),
  lift: (deployment) => deployment.start('livekit'),
};
export default fault;
