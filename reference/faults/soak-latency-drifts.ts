import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-latency-drifts',
  plants: 'Every query takes two milliseconds longer than a second before, far below the target.',
  catches: ['soak.latency'],
  mayAlso: ['soak.alerts'],
  everyMs: 1_000,
  again: (deployment, turn) => deployment.switch('api', 'api-latency-ms', 1 + 2 * turn),
  end: (deployment) => deployment.switch('api', 'api-latency-ms', null),
});
