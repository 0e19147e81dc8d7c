import { watches } from './watched.ts';

/** The size of the database, held against its disk. */
export default watches('soak.db.disk');
