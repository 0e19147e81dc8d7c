import { ongoingFault } from './ongoing.ts';
import { usedMemory } from './redis.ts';

const filled = `for i = 1, 40 do redis.call('SET', 'fault:filler:' .. ARGV[1] .. ':' .. i, string.rep('x', 4000), 'EX', 60) end`;

export default ongoingFault({
  name: 'soak-evictions',
  plants: 'Redis has too little memory and drops what would end soonest.',
  catches: ['soak.redis.evictions'],
  mayAlso: ['soak.redis.memory', 'soak.alerts', 'soak.critical', 'soak.latency'],
  everyMs: 100,
  begin: async (deployment) => {
    for (let turn = 0; turn < 20; turn++) await deployment.redisCommand('EVAL', filled, 0, `first${turn}`);
    await deployment.redisCommand('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
    await deployment.redisCommand('CONFIG', 'SET', 'maxmemory', (await usedMemory(deployment)) + 2 ** 19);
  },
  again: (deployment, turn) => deployment.redisCommand('EVAL', filled, 0, String(turn)),
  end: async (deployment) => {
    await deployment.redisCommand('CONFIG', 'SET', 'maxmemory', '256mb');
    await deployment.redisCommand('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    const gone = `for _, key in ipairs(redis.call('KEYS', 'fault:filler:*')) do redis.call('DEL', key) end`;
    await deployment.redisCommand('EVAL', gone, 0);
  },
});
