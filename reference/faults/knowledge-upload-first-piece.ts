import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-upload-first-piece',
  plants: 'Of an uploaded document only the first piece can be found.',
  catches: ['e2e.knowledge.upload'],
  on: ['api'],
  set: { 'upload-first-piece': true },
});
