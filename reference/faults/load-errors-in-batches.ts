import { switchFault } from './switched.ts';

export default switchFault({
  name: 'load-errors-in-batches',
  plants: 'One batch in five carries an error inside a 207.',
  catches: ['load.users'],
  mayAlso: ['smoke.api.trpc'],
  on: ['api'],
  set: { 'error-in-207-share': 0.2 },
});
