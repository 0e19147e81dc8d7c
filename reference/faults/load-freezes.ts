import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-freezes',
  plants: 'The API stands still for two seconds in every ten.',
  catches: ['load.users'],
  loadSeconds: 158,
  mayAlso: ['smoke.api.*', 'smoke.ws.*', 'smoke.web.*', 'smoke.redis.*'],
  on: ['api'],
  set: { freeze: { everyMs: 10000, forMs: 2000 } },
});
