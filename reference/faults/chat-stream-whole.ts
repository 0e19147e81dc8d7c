import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-stream-whole',
  plants: 'Nothing of a streamed answer comes before it is complete.',
  catches: ['e2e.chat.stream'],
  on: ['api'],
  set: { 'stream-whole': true },
});
