import { switchFault } from './switched.ts';

export default switchFault({
  name: 'api-public-broken',
  plants: 'Public queries answer 500.',
  catches: ['smoke.api.trpc'],
  mayAlso: ['load.users'],
  on: ['api'],
  set: { 'trpc-public-broken': true },
});
