import type { Fault } from './fault.ts';
import { fillRedis } from './redis.ts';

let undo: (() => Promise<void>) | null = null;

const fault: Fault = {
  name: 'soak-redis-full',
  plants: 'Redis uses five sixths of the memory it may have.',
  catches: ['soak.redis.memory'],
  mayAlso: ['soak.alerts'],
  async plant(deployment) {
    undo = await fillRedis(deployment, 0.83);
  },
  async lift() {
    await undo?.();
    undo = null;
  },
};
export default fault;
