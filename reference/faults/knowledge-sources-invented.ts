import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-sources-invented',
  plants: 'Answers name documents that do not exist.',
  catches: ['e2e.knowledge.answer'],
  mayAlso: ['e2e.chat.*'],
  on: ['api'],
  set: { 'citation-wrong': true },
});
