import { ongoingFault } from './ongoing.ts';

const locked = (first: number, second: number) =>
  `do $$ begin perform pg_advisory_xact_lock(${first}); perform pg_sleep(0.2); perform pg_advisory_xact_lock(${second}); end $$`;

export default ongoingFault({
  name: 'soak-deadlocks',
  plants: 'Two transactions wait for each other, again and again.',
  catches: ['soak.db.deadlocks'],
  mayAlso: ['soak.db.connections'],
  everyMs: 500,
  again: ({ sql }) => Promise.allSettled([sql(locked(7_001, 7_002)), sql(locked(7_002, 7_001))]),
});
