import { ongoingFault } from './ongoing.ts';

const stream = 'session:fault:untrimmed';
const entries = `for i = 1, 60 do redis.call('XADD', KEYS[1], '*', 'text', string.rep('x', 40)) end`;

export default ongoingFault({
  name: 'soak-stream-untrimmed',
  plants: 'One stream grows by three hundred entries a second and is never trimmed.',
  catches: ['soak.redis.streams'],
  mayAlso: ['soak.redis.memory', 'soak.memory.SERVICE'],
  everyMs: 200,
  again: (deployment) => deployment.redisCommand('EVAL', entries, 1, stream),
  end: async (deployment) => void (await deployment.redisCommand('DEL', stream)),
});
