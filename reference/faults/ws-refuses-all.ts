import { switchFault } from './switched.ts';

export default switchFault({
  name: 'ws-refuses-all',
  plants: 'One of two instances turns every connection away, the session good or bad.',
  catches: ['smoke.ws.connect'],
  mayAlso: ['smoke.redis.*', 'load.users'],
  on: ['realtime-1'],
  set: { 'refuse-all': true },
});
