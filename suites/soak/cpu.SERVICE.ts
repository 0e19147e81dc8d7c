import { watches } from './watched.ts';

/** How many cores every process uses. */
export default watches('soak.cpu.SERVICE');
