import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-upload-mangled',
  plants: 'Letters of more than one byte are stored as something else.',
  catches: ['e2e.knowledge.upload'],
  on: ['api'],
  set: { 'upload-mangled': true },
});
