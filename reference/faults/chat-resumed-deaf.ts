import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-resumed-deaf',
  plants: 'Who comes back after a drop gets what was missed and nothing of what is said from then on.',
  catches: ['e2e.chat.reconnect'],
  on: bothRealtime,
  set: { 'resumed-deaf': true },
});
