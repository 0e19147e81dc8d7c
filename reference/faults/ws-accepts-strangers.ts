import { switchFault } from './switched.ts';

export default switchFault({
  name: 'ws-accepts-strangers',
  plants: 'One of two instances lets a connection in with a forged session or none.',
  catches: ['smoke.ws.connect'],
  on: ['realtime-2'],
  set: { 'accept-bad-token': true },
});
