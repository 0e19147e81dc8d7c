import type { SoakBody } from '../../runners/soak/types.ts';
import { startTraffic } from './traffic.ts';

/** Every answer of the soak's users is timed; the judge looks at each hour by itself, and from hour to hour. */
const body: SoakBody = (soak) => startTraffic(soak);

export default body;
