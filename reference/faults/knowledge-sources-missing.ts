import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-sources-missing',
  plants: 'Answers name no sources.',
  catches: ['e2e.knowledge.answer'],
  mayAlso: ['e2e.chat.*', 'e2e.knowledge.answer', 'e2e.cross.chat'],
  on: ['api'],
  set: { 'citation-missing': true },
});
