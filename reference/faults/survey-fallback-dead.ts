import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-fallback-dead',
  plants: 'A survey without an answer goes on to no other tier.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-fallback-off': true },
});
