import { switchFault } from './switched.ts';

export default switchFault({
  name: 'ws-no-pong',
  plants: 'One of two instances does not answer ping.',
  catches: ['smoke.ws.connect'],
  mayAlso: ['load.users'],
  on: ['realtime-2'],
  set: { 'no-pong': true },
});
