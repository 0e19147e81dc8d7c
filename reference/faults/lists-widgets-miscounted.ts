import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-widgets-miscounted',
  plants: 'The list of widgets counts those that its filter leaves out.',
  catches: ['e2e.lists'],
  on: ['api'],
  set: { 'list-wrong': 'widgets-miscounted' },
});
