import { watches } from './watched.ts';

/** The counter of evicted keys. */
export default watches('soak.redis.evictions');
