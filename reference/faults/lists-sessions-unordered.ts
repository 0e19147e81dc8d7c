import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-sessions-unordered',
  plants: 'The list of sessions has no order.',
  catches: ['e2e.lists'],
  on: ['api'],
  set: { 'list-wrong': 'sessions-unordered' },
});
