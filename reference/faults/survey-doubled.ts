import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-doubled',
  plants: 'Whatever a survey sends, it sends twice.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-doubled': true },
});
