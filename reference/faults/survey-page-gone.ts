import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-page-gone',
  plants: 'There is no page behind the links of surveys.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-page-gone': true },
});
