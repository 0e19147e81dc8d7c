import { watches } from './watched.ts';

/** Connected clients, held against maxclients. */
export default watches('soak.redis.clients');
