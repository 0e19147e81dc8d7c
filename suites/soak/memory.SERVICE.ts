import { watches } from './watched.ts';

/** Memory, heap, open files and threads of every process, and our own. */
export default watches('soak.memory.SERVICE');
