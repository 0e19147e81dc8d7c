import { watches } from './watched.ts';

/** Connections of the whole server, held against what it allows. */
export default watches('soak.db.connections');
