import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-latency-drifts',
  plants: 'Every query takes a fifth of a millisecond longer than a second before, far below the target.',
  catches: ['soak.latency'],
  mayAlso: ['soak.alerts'],
  // A drift is told from a step and from chance over a day of hours.
  soakHours: 24,
  everyMs: 1_000,
  again: (deployment, turn) => deployment.switch('api', 'api-latency-ms', 1 + Math.round(0.2 * turn)),
  end: (deployment) => deployment.switch('api', 'api-latency-ms', null),
});
