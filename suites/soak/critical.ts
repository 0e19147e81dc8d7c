import type { SoakBody } from '../../runners/soak/types.ts';
import { startTraffic } from './traffic.ts';
import { startWatchers } from './watched.ts';

/** Whether any of it went wrong: answers that never came or were wrong, sockets that were cut, answers to somebody else, and what the services wrote into their logs. */
const body: SoakBody = (soak) => {
  startWatchers('soak.critical', soak);
  return startTraffic(soak);
};

export default body;
