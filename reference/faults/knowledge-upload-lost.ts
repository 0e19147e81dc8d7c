import { switchFault } from './switched.ts';

export default switchFault({
  name: 'knowledge-upload-lost',
  plants: 'An uploaded document is accepted with thanks and not kept.',
  catches: ['e2e.knowledge.upload'],
  mayAlso: ['e2e.knowledge.*', 'e2e.tenants.*', 'e2e.lists'],
  on: ['api'],
  set: { 'upload-lost': true },
});
