import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-stream-broken',
  plants: 'Every streamed answer ends with an error at once.',
  catches: ['e2e.chat.stream'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.*', 'e2e.dashboard.*'],
  on: ['api'],
  set: { 'stream-broken': true },
});
