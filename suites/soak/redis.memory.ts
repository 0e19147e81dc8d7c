import { watches } from './watched.ts';

/** Memory used, held against maxmemory. */
export default watches('soak.redis.memory');
