import { watches } from './watched.ts';

/** Which process is behind every service, look by look. */
export default watches('soak.restarts');
