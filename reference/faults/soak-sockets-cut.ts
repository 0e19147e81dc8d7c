import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-sockets-cut',
  plants: 'Every socket is closed with 1011 half a second after it connects.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.ws.connect', 'smoke.redis.*', 'soak.latency'],
  on: bothRealtime,
  set: { 'close-code': 1011 },
});
