import { mediaFault } from './media.ts';

export default mediaFault({
  name: 'meeting-packets-lost',
  plants: 'One media packet in twenty-five is lost on each way.',
  catches: ['e2e.meeting.media'],
  mayAlso: ['e2e.meeting.*', 'smoke.agent.joins', 'smoke.livekit.turn'],
  profile: 'production',
  how: { loss: '0.04' },
});
