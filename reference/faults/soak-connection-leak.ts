import { switchFault } from './switched.ts';

export default switchFault({
  name: 'soak-connection-leak',
  plants: 'The API opens a connection to the database and six to Redis every 700 ms and never closes them.',
  catches: ['soak.db.connections', 'soak.redis.clients'],
  mayAlso: ['soak.memory.SERVICE', 'soak.cpu.SERVICE', 'soak.latency'],
  on: ['api'],
  set: { 'leak-connections-every-ms': 700 },
});
