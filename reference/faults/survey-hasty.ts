import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-hasty',
  plants: 'The tiers of a survey follow each other in milliseconds where seconds are meant.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-hasty': true },
});
