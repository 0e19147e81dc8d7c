import { switchFault } from './switched.ts';

export default switchFault({
  name: 'survey-text-message-lost',
  plants: 'Surveys reach the tier of text messages, and nothing is sent by it.',
  catches: ['e2e.survey.fallback'],
  on: ['api'],
  set: { 'survey-tier-dead': 'sms_link' },
});
