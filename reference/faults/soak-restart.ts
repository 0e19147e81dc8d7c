import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-restart',
  plants: 'The second realtime process ends and is started again.',
  catches: ['soak.restarts'],
  mayAlso: ['soak.critical', 'soak.uptime', 'soak.latency', 'soak.alerts', 'soak.memory.SERVICE', 'soak.cpu.SERVICE'],
  everyMs: 4_000,
  again: async (deployment, turn) => {
    if (turn !== 0) return;
    await deployment.stop('realtime-2');
    await deployment.start('realtime-2');
  },
});
