import { ongoingFault } from './ongoing.ts';

/** By then a rehearsal has seen it answer. */
const goneAtTurn = 25;

export default ongoingFault({
  name: 'soak-livekit-away',
  plants: 'After half a minute the meeting server is gone, and nothing else is.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.restarts', 'soak.alerts', 'soak.memory.SERVICE'],
  everyMs: 1_000,
  again: async (deployment, turn) => {
    if (turn === goneAtTurn) await deployment.stop('livekit');
  },
  end: (deployment) => deployment.start('livekit'),
});
