import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-link-broken',
  plants: 'The link of a survey leads to no survey.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-link-broken': true },
});
