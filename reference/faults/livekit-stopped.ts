import type { Fault } from './fault.ts';

const fault: Fault = {
  name: 'livekit-stopped',
  plants: 'The meeting server is not running.',
  catches: ['smoke.livekit.http', 'smoke.livekit.token', 'smoke.livekit.room', 'smoke.livekit.redis'],
  mayAlso: ['load.users'],
  plant: (deployment) => deployment.stop('livekit'),
  lift: (deployment) => deployment.start('livekit'),
};
export default fault;
