import { watches } from './watched.ts';

/** The counter of deadlocks of the whole server. */
export default watches('soak.db.deadlocks');
