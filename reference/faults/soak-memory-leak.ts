import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-memory-leak',
  plants: 'The API keeps four megabytes more every second.',
  catches: ['soak.memory.SERVICE'],
  mayAlso: ['soak.latency', 'soak.cpu.SERVICE'],
  on: ['api'],
  set: { 'leak-memory-bytes-per-second': 4 * 2 ** 20 },
});
