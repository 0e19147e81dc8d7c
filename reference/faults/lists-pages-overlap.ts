import { switchFault } from './switched.ts';

export default switchFault({
  name: 'lists-pages-overlap',
  plants: 'Every page but the first begins with the last row of the page before.',
  catches: ['e2e.lists'],
  on: ['api'],
  set: { 'list-pages-overlap': true },
});
