import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-rooms-open',
  plants: 'Any signed-in user may enter the room of any chat session.',
  catches: ['e2e.tenants.sessions'],
  mayAlso: ['e2e.chat.durable', 'sec.*'],
  on: bothRealtime,
  set: { 'room-unchecked': true },
});
