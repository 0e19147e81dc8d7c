import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-refusal-lost',
  plants: 'Whoever refuses a survey goes on being asked.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-refusal-lost': true },
});
