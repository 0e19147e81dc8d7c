import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-bad-input-500',
  plants: 'Input that fails validation answers 500.',
  catches: ['smoke.api.trpc'],
  on: ['api'],
  set: { 'trpc-bad-input-500': true },
});
