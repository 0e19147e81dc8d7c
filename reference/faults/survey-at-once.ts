import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-at-once',
  plants: 'A survey nobody answered goes out by all other tiers at once.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-at-once': true },
});
