import { switchFault } from './switched.ts';

export default switchFault({
  name: 'customers-need-session',
  plants: 'What customers call without a session fails for whoever has none.',
  catches: ['e2e.survey.fallback', 'e2e.escalation.handoff'],
  on: ['api'],
  set: { 'customers-need-session': true },
});
