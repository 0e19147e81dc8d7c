import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'load-sockets-closed',
  plants: 'Every socket is closed with 1011 half a second after it connects.',
  catches: ['load.users'],
  mayAlso: ['smoke.ws.connect', 'smoke.redis.*'],
  on: bothRealtime,
  set: { 'close-code': 1011 },
});
