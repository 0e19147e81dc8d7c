import { ongoingFault } from './ongoing.ts';

/** By then the first users of a rehearsal are there. */
const diesAtTurn = 25;

export default ongoingFault({
  name: 'soak-sign-up-dies',
  plants: 'After half a minute auth.register answers 500, while everybody who is signed in is served as before.',
  catches: ['soak.critical'],
  mayAlso: ['smoke.*', 'soak.alerts', 'soak.latency'],
  everyMs: 1_000,
  again: async (deployment, turn) => {
    if (turn >= diesAtTurn) await deployment.switch('api', 'sign-up-broken', true);
  },
  end: (deployment) => deployment.switch('api', 'sign-up-broken', null),
});
