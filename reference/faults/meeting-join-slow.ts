import { mediaFault } from './media.ts';

export default mediaFault({
  name: 'meeting-join-slow',
  plants: 'What sets a call up takes half a second each way.',
  catches: ['e2e.meeting.join'],
  mayAlso: ['e2e.meeting.*', 'smoke.agent.joins', 'smoke.livekit.turn'],
  how: { only: 'handshake', 'delay-ms': '500' },
});
