import { watches } from './watched.ts';

/** Each threshold of the readiness papers, and the notifications of the deployment beside them. */
export default watches('soak.alerts');
