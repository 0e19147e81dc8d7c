import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-page-empty',
  plants: 'The links of surveys lead to a page that answers 200 to every address and asks nothing.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-page-empty': true },
});
