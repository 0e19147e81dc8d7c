import { switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-failure-left-behind',
  plants: 'A question that could not be answered stays in the conversation.',
  catches: ['e2e.chat.durable'],
  on: ['api'],
  set: { 'failed-left-behind': true },
});
