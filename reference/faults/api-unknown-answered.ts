import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-unknown-answered',
  plants: 'A procedure that does not exist answers 200 with a result.',
  catches: ['smoke.api.trpc'],
  on: ['api'],
  set: { 'trpc-unknown-ok': true },
});
