import type { SoakBody } from '../../runners/soak/types.ts';
import { startQueries } from './queries.ts';
import { startSlots } from './slots.ts';
import { startTraffic } from './traffic.ts';

/** Every answer of the soak's users is timed, and those of /health and of the database beside them; the judge looks at each hour by itself, and from hour to hour. */
const body: SoakBody = (soak) => {
  startSlots(soak);
  startQueries(soak);
  return startTraffic(soak);
};

export default body;
