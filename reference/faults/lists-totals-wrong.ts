import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-totals-wrong',
  plants: 'Lists count one more than there is.',
  catches: ['e2e.lists'],
  on: ['api'],
  set: { 'list-totals-wrong': true },
});
