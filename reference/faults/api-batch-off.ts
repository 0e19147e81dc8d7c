import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-batch-off',
  plants: 'A batch of procedures answers 404.',
  catches: ['smoke.api.trpc'],
  mayAlso: ['load.users'],
  on: ['api'],
  set: { 'trpc-batch-off': true },
});
