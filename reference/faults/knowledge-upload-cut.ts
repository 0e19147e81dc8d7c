import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-upload-cut',
  plants: 'Of an uploaded document the beginning alone is kept.',
  catches: ['e2e.knowledge.upload'],
  mayAlso: ['e2e.knowledge.*'],
  on: ['api'],
  set: { 'upload-cut': true },
});
