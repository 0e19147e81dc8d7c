import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-cpu-creeps',
  plants: 'The API does a little more for nothing every second.',
  catches: ['soak.cpu.SERVICE'],
  mayAlso: ['soak.latency', 'soak.uptime', 'soak.memory.SERVICE', 'soak.alerts'],
  on: ['api'],
  // A core that is full before the soak ends rises no more: it would look like a step.
  set: { 'burn-more-each-second': 0.004 },
});
