import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-deaf-instance',
  plants: 'One realtime instance does not pass on what another one accepted.',
  catches: ['e2e.chat.instances'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: ['realtime-2'],
  set: { deaf: true },
});
