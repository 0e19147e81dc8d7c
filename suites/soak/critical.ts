import type { SoakBody } from '../../runners/soak/types.ts';
import { startTraffic } from './traffic.ts';

/** Whether any of it went wrong: answers that never came or were wrong, sockets that were cut, answers to somebody else. */
const body: SoakBody = (soak) => startTraffic(soak);

export default body;
