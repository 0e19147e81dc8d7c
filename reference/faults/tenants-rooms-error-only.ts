import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-rooms-error-only',
  plants: 'Who enters the room of another tenant is told that it is refused, and is in the room.',
  catches: ['e2e.tenants.sessions'],
  mayAlso: ['e2e.chat.durable', 'sec.*'],
  on: bothRealtime,
  set: { 'room-refused-in-words': true },
});
