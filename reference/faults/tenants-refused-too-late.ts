import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-refused-too-late',
  plants: 'What another tenant does to a document or a session is refused as not found after it was done.',
  catches: ['e2e.tenants.data', 'e2e.tenants.sessions'],
  mayAlso: ['e2e.tenants.*', 'e2e.chat.durable', 'sec.*'],
  on: ['api'],
  set: { 'refused-too-late': true },
});
