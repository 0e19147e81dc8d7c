import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-outage',
  plants: 'The API is away for two seconds, which stand for twenty minutes.',
  catches: ['soak.uptime'],
  mayAlso: ['soak.*'],
  profile: 'preparation',
  everyMs: 4_000,
  again: async (deployment, turn) => {
    if (turn !== 0) return;
    await deployment.stop('api');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await deployment.start('api');
  },
});
