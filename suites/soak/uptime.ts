import type { SoakBody } from '../../runners/soak/types.ts';
import { startSlots } from './slots.ts';

/** Whether the platform answers in every slot, and with data. */
const body: SoakBody = (soak) => startSlots(soak);

export default body;
