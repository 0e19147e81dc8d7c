import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-errors',
  plants: 'One procedure call in fifty answers 500.',
  catches: ['load.users'],
  mayAlso: ['smoke.api.trpc', 'smoke.ws.connect', 'smoke.redis.*'],
  on: ['api'],
  set: { 'errors-share': 0.02 },
});
