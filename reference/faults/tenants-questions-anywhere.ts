import { switchFault } from './switched.ts';

export default switchFault({
  name: 'tenants-questions-anywhere',
  plants: 'The AI answers in the chat session of any tenant, from what was said there.',
  catches: ['e2e.tenants.sessions'],
  mayAlso: ['e2e.tenants.*', 'sec.*'],
  on: ['api'],
  set: { 'foreign-questions': true },
});
