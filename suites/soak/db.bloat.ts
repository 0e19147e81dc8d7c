import { watches } from './watched.ts';

/** The share of dead rows of the tables where they are most. */
export default watches('soak.db.bloat');
