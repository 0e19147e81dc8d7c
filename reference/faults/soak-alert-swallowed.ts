import type { ReferenceHandle } from '../handle.ts';
import type { Fault } from './fault.ts';
import { fillRedis } from './redis.ts';

let undo: (() => Promise<void>) | null = null;

const fault: Fault = {
  name: 'soak-alert-swallowed',
  plants: 'Redis memory stays above its threshold and the alert of it is swallowed.',
  catches: ['soak.alerts'],
  mayAlso: ['soak.redis.memory'],
  async plant(deployment: ReferenceHandle) {
    await deployment.switch('stubs', 'alerts-swallowed', true);
    undo = await fillRedis(deployment, 0.83);
  },
  async lift(deployment) {
    await undo?.();
    undo = null;
    await deployment.switch('stubs', 'alerts-swallowed', null);
  },
};
export default fault;
