import { watches } from './watched.ts';

/** How many streams there are, their lengths, and what their readers are behind by. */
export default watches('soak.redis.streams');
