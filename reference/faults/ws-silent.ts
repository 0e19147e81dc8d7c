import { switchFault } from './switched.ts';

export default switchFault({
  name: 'ws-silent',
  plants: 'One of two instances sends no acknowledgement.',
  catches: ['smoke.ws.connect'],
  mayAlso: ['smoke.redis.*', 'load.users'],
  on: ['realtime-1'],
  set: { 'no-ack': true },
});
